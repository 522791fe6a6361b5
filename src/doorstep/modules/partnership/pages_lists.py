"""What pages of the lists share: who comes in, one form on a page, choices."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import partial

from django.http import HttpRequest
from django.views.decorators.cache import never_cache

from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.place_codes import LENGTHS, within
from doorstep.kernel.web.context import page_of
from doorstep.kernel.web.pages import View, carried_out, guarded
from doorstep.modules.partnership.numbers_lists import class_hints
from doorstep.modules.partnership.pages import answered
from doorstep.modules.partnership.wording_lists import money

MOST_CHOICES = 500

form_page = partial(answered, template="partnership/lists/act.html")
said_at_its_field = partial(carried_out, says_forbidden=True)


def phone_page(view: View) -> View:
    """A signed-in page on a phone, of a resident or of who acts for a unit."""
    return never_cache(guarded(view, login_url="doorway:sign_in", says_forbidden=True))


def stand_at(request: HttpRequest, place_code: str) -> None:
    page_of(request).place_code = place_code[: LENGTHS["community"]]


def communities(places: Sequence[str]) -> list[tuple[str, str]]:
    """Communities within these places, as a choice."""
    rows = Area.objects.filter(within("code", places), level="community", ended_on=None).order_by("code")
    return list(rows.values_list("code", "name")[:MOST_CHOICES])


def kinds_at(place_code: str) -> list[tuple[str, str]]:
    """The district's classes of resources, with what each includes."""
    return [(code, f"{name}（{about}）") for code, name, about in class_hints(place_code)]


def new_key() -> uuid.UUID:
    return uuid.uuid4()


def yuan(fen: int | None) -> str:
    return money(fen) if fen is not None else ""
