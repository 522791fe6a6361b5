"""A report as a phone sends it: from its fields to the service, and what the phone is told."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import ANONYMOUS, Actor
from doorstep.kernel.matters.services_attachments import attach
from doorstep.kernel.places.models import Building
from doorstep.kernel.shared.errors import Refused
from doorstep.kernel.shared.numerals import whole_number
from doorstep.modules.requests import selectors as requests
from doorstep.modules.requests.services import LONGEST_TEXT, Report, Reported, report
from doorstep.modules.requests.states import OPEN
from doorstep.surfaces.doorway import told
from doorstep.surfaces.doorway.emergencies import Emergency, in_words
from doorstep.surfaces.doorway.spots import Spot, spot_of

OFFER_SALT, OFFER_SECONDS = "doorway.nearby", 24 * 3600
FEWEST_WORDS = 2  # below it words say nothing about the item


@dataclass(frozen=True)
class Draft:
    """What stands in the form."""

    spot: Spot
    text: str = ""
    address: str = ""
    item: str = ""
    anonymous: bool = False
    behalf: bool = False
    for_whom: str = ""
    key: uuid.UUID = field(default_factory=uuid.uuid4)
    shown: tuple[int, ...] = ()
    seen: bool = False
    sender: str = ""


def draft_of(given: Mapping[str, str], mine: Building | None) -> Draft:
    """Nothing a browser sends makes this fail; what cannot be read is empty."""
    shown = [
        number for part in given.get("shown", "").split(",") if (number := whole_number(part)) is not None
    ]
    return Draft(
        spot=spot_of(given, mine), text=given.get("text", ""), address=given.get("address", "").strip(),
        item=given.get("item", "").strip()[:40], anonymous=given.get("anonymous") == "1",
        behalf=given.get("behalf") == "1", for_whom=given.get("for_whom", ""), key=_key(given.get("key", "")),
        shown=tuple(shown[:20]), seen=given.get("seen") == "1", sender=given.get("sender", ""),
    )  # fmt: skip


def _key(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.uuid4()


class Offered(NamedTuple):
    """A likely duplicate as it is offered. `offer`: proof of that, with which it can be followed; empty where it is
    the reader's own."""

    nearby: requests.Nearby
    offer: str


@dataclass(frozen=True)
class Hints:
    """What is said beside the words: what it may be about, what was reported nearby already, whom to call first."""

    items: list[tuple[Any, Any]] = field(default_factory=list)
    nearby: list[Offered] = field(default_factory=list)
    emergencies: list[Emergency] = field(default_factory=list)


def hints_for(actor: Actor, draft: Draft) -> Hints:
    """At most six queries."""
    text, spot = draft.text[:LONGEST_TEXT], draft.spot
    if len(text.strip()) < FEWEST_WORDS:
        return Hints()
    items = requests.suggest_items(text, spot.code) if spot.code else []
    best = draft.item or next((item.code for item, _why in items if not item.elsewhere), "")
    nearby = requests.likely_duplicates(
        actor, place_code=spot.code, text=text, item_code=best, longitude=spot.longitude, latitude=spot.latitude
    )  # fmt: skip
    own = told.own_among(actor, [each.matter_id for each in nearby])
    offered = [Offered(each, "" if each.matter_id in own else offer_of(each.matter_id)) for each in nearby]
    return Hints(items, offered, in_words(text))


def offer_of(matter_id: int) -> str:
    return signing.dumps(matter_id, salt=OFFER_SALT)


def offered_in(offer: str) -> int | None:
    """The matter of an offer; None for what was not offered, so that nobody follows by guessing numbers."""
    try:
        return int(signing.loads(offer, salt=OFFER_SALT, max_age=OFFER_SECONDS))
    except (signing.BadSignature, ValueError, TypeError):
        return None


def send(actor: Actor, draft: Draft) -> Reported:
    """Raises what the service raises; nothing is written then."""
    spot = draft.spot
    unknown = draft.anonymous or actor.is_anonymous
    # a worker who writes for somebody stands as the teller; a neighbour is the reporter, and is answered
    for_other = draft.behalf and bool(draft.for_whom.strip())
    in_office = actor.holds(OPEN, spot.code) and bool(spot.code)
    new = Report(
        source="phone", text=draft.text, item_code=draft.item, key=draft.key, address=draft.address,
        building_id=spot.building_id, place_code="" if spot.building_id else spot.chosen,
        longitude=spot.longitude if spot.pinned else None, latitude=spot.latitude if spot.pinned else None,
        anonymous=unknown, reporter_id=None if unknown or (for_other and in_office) else actor.person_id,
        for_whom=draft.for_whom if draft.behalf else "", not_the_same=draft.shown,
    )  # fmt: skip
    return report(actor=ANONYMOUS if unknown else actor, new=new)


def add_picture(actor: Actor, draft: Draft, taken: Reported, picture: UploadedFile) -> str:
    """Attach it; gives words why it was not taken. The report stands all the same."""
    unknown = taken.request.anonymous
    try:
        attach(
            actor=ANONYMOUS if unknown else actor, matter_id=taken.matter.pk, upload=picture,
            key=draft.key if unknown else None,
        )  # fmt: skip
    except Refused as refusal:
        return _("上报已经收到，照片没有收下：%(why)s") % {"why": refusal.message}
    return ""
