"""The API: as the owner of a key, or as whoever is signed in. Addresses and answers: README and /api/openapi.json."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from doorstep.surfaces.api import matters, refusals, schemas, selectors
from doorstep.surfaces.api.access import actor_of, reading
from doorstep.surfaces.api.scopes import FIGURES, PLACES, REGISTERS


class Doorstep(NinjaAPI):
    """Answers that nobody keeps: they are somebody's."""

    def create_response(self, request: HttpRequest, data: Any, **more: Any) -> HttpResponse:
        response = super().create_response(request, data, **more)
        response["Cache-Control"] = "private, no-store"
        return response


api = Doorstep(
    title="Doorstep", version="1", docs_url=None, urls_namespace="api",
    description="Places, figures with their rows, registers, findings and matters, as far as one's own places reach.",
)  # fmt: skip
refusals.install(api)
REFUSED = {codes: schemas.Refusal for codes in (400, 401, 403, 404, 422, 429)}


@api.get("/places", response={200: list[schemas.PlaceOut], **REFUSED}, tags=["places"], auth=reading(PLACES))
def places(request: HttpRequest) -> Any:
    """The places one answers for."""
    return selectors.own_places(actor_of(request))


@api.get(
    "/places/{code}",
    response={200: schemas.PlaceWithChildren, **REFUSED},
    tags=["places"],
    auth=reading(PLACES),
)
def place(request: HttpRequest, code: str, on: dt.date | None = None) -> Any:
    """A place and what lies directly in it."""
    return selectors.place_with_children(actor_of(request), code, on)


@api.get(
    "/figures", response={200: list[schemas.FigureOut], **REFUSED}, tags=["figures"], auth=reading(FIGURES)
)
def figures(
    request: HttpRequest, place: str, on: dt.date | None = None, since: dt.date | None = None, only: str = "",
    trend: bool = False,
) -> Any:  # fmt: skip
    """Figures of a place; `only` names some, separated by commas."""
    return selectors.figures_of(actor_of(request), place, on, since, only, trend)


@api.get(
    "/figures/{key}/rows", response={200: schemas.RowsOut, **REFUSED}, tags=["figures"], auth=reading(FIGURES)
)
def figure_rows(
    request: HttpRequest, key: str, place: str, on: dt.date | None = None, since: dt.date | None = None,
    after: str = "",
) -> Any:  # fmt: skip
    """The rows that make a figure."""
    return selectors.figure_rows(actor_of(request), key, place, on, since, after)


@api.get(
    "/registers",
    response={200: list[schemas.RegisterOut], **REFUSED},
    tags=["registers"],
    auth=reading(REGISTERS),
)
def registers(request: HttpRequest) -> Any:
    """Registers one may open, with their columns and filters."""
    return selectors.registers_for(actor_of(request))


@api.get(
    "/registers/{key}",
    response={200: schemas.RowsOut, **REFUSED},
    tags=["registers"],
    auth=reading(REGISTERS),
)
def register_rows(
    request: HttpRequest, key: str, place: str = "", on: dt.date | None = None, q: str = "", after: str = ""
) -> Any:
    """A page of a register. Its filters are further parameters, as in the page's own address."""
    request.actor = actor_of(request)  # type: ignore[attr-defined]  # the register asks as its page does
    return selectors.register_rows(request, key)


@api.get(
    "/findings",
    response={200: list[schemas.FindingKind], **REFUSED},
    tags=["findings"],
    auth=reading(FIGURES),
)
def findings(request: HttpRequest, place: str, on: dt.date | None = None) -> Any:
    """Kinds of break in a place, with how many there are."""
    return selectors.finding_kinds(actor_of(request), place, on)


@api.get(
    "/findings/{key}", response={200: schemas.Breaks, **REFUSED}, tags=["findings"], auth=reading(FIGURES)
)
def breaks(request: HttpRequest, key: str, place: str, on: dt.date | None = None) -> Any:
    """The breaks of one kind: what is at fault, where, since when, and the page that mends it."""
    return selectors.breaks_of(actor_of(request), key, place, on)


api.add_router("/matters", matters.router)
