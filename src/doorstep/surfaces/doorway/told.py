"""What somebody reported or follows, as they may read it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Max
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.models import History, Matter, Participation
from doorstep.kernel.matters.selectors import box
from doorstep.kernel.matters.services import next_steps
from doorstep.kernel.shared.errors import NotVisible
from doorstep.modules.requests.models import GRADES, Rating
from doorstep.modules.requests.selectors import items_at
from doorstep.modules.requests.services_feedback import CLOSING
from doorstep.surfaces.doorway.promises import Standing, standings_of


def told_by(actor: Actor, limit: int, before: int | None = None) -> list[Standing]:
    """The actor's own requests, the newest first. Three queries."""
    rows = box(actor, "told").filter(kind="request")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return standings_of(list(rows.order_by("-pk")[:limit]))


def own_among(actor: Actor, matter_ids: list[int]) -> set[int]:
    """Those of them that the actor reported. One query, none for nobody."""
    if actor.person_id is None or not matter_ids:
        return set()
    return set(box(actor, "told").filter(pk__in=matter_ids).values_list("pk", flat=True))


def told_matter(actor: Actor, matter_id: int) -> Matter:
    """One of them. Raises NotVisible for anything else, seen in office or not."""
    found: Matter | None = box(actor, "told").filter(pk=matter_id, kind="request").first()
    if found is None:
        raise NotVisible(_("没有找到这件事。"))
    return found


@dataclass(frozen=True)
class Followed:
    """A neighbour's request: what it is about, and how it stands; no words, no names."""

    matter_id: int
    item_name: str
    standing: Standing


def followed_by(actor: Actor) -> list[Followed]:
    """What the actor follows as a neighbour, the newest first; at most fifty. Four queries."""
    if actor.person_id is None:
        return []
    rows = Matter.objects.filter(
        participations__person_id=actor.person_id, participations__part=Participation.NEIGHBOUR
    )
    standings = standings_of(list(rows.order_by("-pk")[:50]))
    if not standings:
        return []
    names = dict(items_at(standings[0].matter.place_code).values_list("code", "name"))
    return [
        Followed(one.matter.pk, names.get(one.matter.item) or str(_("附近的一件事")), one)
        for one in standings
    ]


@dataclass(frozen=True)
class Choices:
    """What the reporter may do now."""

    rate: bool
    reopen: bool
    withdraw: bool
    rating: Rating | None


def choices_for(actor: Actor, matter: Matter) -> Choices:
    steps = {row.name for row in next_steps(actor, matter)}
    own = matter.reporter_id is not None and matter.reporter_id == actor.person_id
    closing = History.objects.filter(matter=matter, name__in=CLOSING).aggregate(last=Max("number"))["last"]
    rating = Rating.objects.filter(request_id=matter.pk, closing=closing).first() if closing else None
    return Choices(
        rate=own and matter.state == "closed" and closing is not None and rating is None,
        reopen=own and "ask_reopen" in steps, withdraw=own and "withdraw" in steps, rating=rating,
    )  # fmt: skip


__all__ = ["GRADES", "Choices", "Followed", "choices_for", "followed_by", "told_by", "told_matter"]
