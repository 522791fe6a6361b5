"""The API: reading, by the session one is signed in with. Addresses and answers: README and /api/openapi.json."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError
from ninja.security import SessionAuth

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.shared.errors import NotAllowed, NotVisible
from doorstep.surfaces.api import schemas, selectors


class SignedIn(SessionAuth):
    """The browser's session, as everywhere; gives the actor."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        actor: Actor = request.actor  # type: ignore[attr-defined]  # the actor middleware sets it
        return None if actor.is_anonymous else actor


api = NinjaAPI(
    title="Doorstep", version="1", auth=SignedIn(), docs_url=None, urls_namespace="api",
    description="Places, figures with their rows, registers and findings, as far as one's own places reach.",
)  # fmt: skip


@api.exception_handler(NotVisible)
@api.exception_handler(NotAllowed)
def _does_not_exist(request: HttpRequest, refusal: Exception) -> HttpResponse:
    """Outside one's places there is nothing, whether it exists or not."""
    return api.create_response(request, {"detail": "Not Found"}, status=404)


@api.exception_handler(AuthenticationError)
def _sign_in_first(request: HttpRequest, refusal: Exception) -> HttpResponse:
    return api.create_response(request, {"detail": "Sign in first"}, status=401)


def _actor(request: HttpRequest) -> Actor:
    return request.auth  # type: ignore[attr-defined]  # SignedIn gave it


@api.get("/places", response=list[schemas.PlaceOut], tags=["places"])
def places(request: HttpRequest) -> list[schemas.PlaceOut]:
    """The places one answers for."""
    return selectors.own_places(_actor(request))


@api.get("/places/{code}", response=schemas.PlaceWithChildren, tags=["places"])
def place(request: HttpRequest, code: str, on: dt.date | None = None) -> schemas.PlaceWithChildren:
    """A place and what lies directly in it."""
    return selectors.place_with_children(_actor(request), code, on)


@api.get("/figures", response=list[schemas.FigureOut], tags=["figures"])
def figures(
    request: HttpRequest, place: str, on: dt.date | None = None, since: dt.date | None = None, only: str = "",
    trend: bool = False,
) -> list[schemas.FigureOut]:  # fmt: skip
    """Figures of a place; `only` names some, separated by commas."""
    return selectors.figures_of(_actor(request), place, on, since, only, trend)


@api.get("/figures/{key}/rows", response=schemas.RowsOut, tags=["figures"])
def figure_rows(
    request: HttpRequest, key: str, place: str, on: dt.date | None = None, since: dt.date | None = None,
    after: str = "",
) -> schemas.RowsOut:  # fmt: skip
    """The rows that make a figure."""
    return selectors.figure_rows(_actor(request), key, place, on, since, after)


@api.get("/registers", response=list[schemas.RegisterOut], tags=["registers"])
def registers(request: HttpRequest) -> list[schemas.RegisterOut]:
    """Registers one may open, with their columns and filters."""
    return selectors.registers_for(_actor(request))


@api.get("/registers/{key}", response=schemas.RowsOut, tags=["registers"])
def register_rows(
    request: HttpRequest, key: str, place: str = "", on: dt.date | None = None, q: str = "", after: str = ""
) -> schemas.RowsOut:
    """A page of a register. Its filters are further parameters, as in the page's own address."""
    return selectors.register_rows(request, key)


@api.get("/findings", response=list[schemas.FindingKind], tags=["findings"])
def findings(request: HttpRequest, place: str, on: dt.date | None = None) -> list[schemas.FindingKind]:
    """Kinds of break in a place, with how many there are."""
    return selectors.finding_kinds(_actor(request), place, on)


@api.get("/findings/{key}", response=schemas.Breaks, tags=["findings"])
def breaks(request: HttpRequest, key: str, place: str, on: dt.date | None = None) -> schemas.Breaks:
    """The breaks of one kind: what is at fault, where, since when, and the page that mends it."""
    return selectors.breaks_of(_actor(request), key, place, on)
