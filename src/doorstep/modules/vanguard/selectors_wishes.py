"""Reading wishes: the board members choose from, one's own, the community's, one as each side sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, Count, Q, QuerySet, When
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services import next_steps
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.errors import NotVisible
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.vanguard.models import Member, Wish
from doorstep.modules.vanguard.states import DIFFICULTY, KIND

BOARD = ("published",)
MOST = 50


@dataclass(frozen=True)
class Line:
    """One wish in a list: what may be read of it before it is one's own."""

    wish: Wish
    community: str

    @property
    def matter(self) -> Matter:
        return self.wish.matter


def _lines(rows: QuerySet[Wish]) -> list[Line]:
    """Two queries."""
    found = list(rows.select_related("matter")[:MOST])
    codes = {row.matter.place_code[:12] for row in found}
    names = dict(Area.objects.filter(code__in=codes).values_list("code", "name"))
    return [Line(row, names.get(row.matter.place_code[:12], "")) for row in found]


def wishes_near(home: str, category: str = "", *, wider: str = "") -> list[Line]:
    """Wishes on the board of one's own community, the oldest first; in a `wider` place those of the others after them. Two
    queries."""
    rows = Wish.objects.filter(
        within("matter__place_code", [wider or home]), matter__kind=KIND, matter__state__in=BOARD
    )
    rows = rows.filter(matter__category=category) if category else rows
    elsewhere = Case(When(within("matter__place_code", [home]), then=0), default=1)
    return _lines(rows.order_by(elsewhere, "matter__opened_at", "pk"))


def claimed_by(member: Member) -> list[Line]:
    """What a member has in hand, or waits for the word of the person helped. Two queries."""
    rows = Wish.objects.filter(member=member, matter__state__in=["claimed", "served"])
    return _lines(rows.order_by("matter__opened_at", "pk"))


def said_by(matter: Matter, person_id: int | None) -> bool:
    """Did this person say it, for themselves or for a neighbour?"""
    return person_id is not None and person_id in (matter.reporter_id, matter.teller_id)


def own_wishes(actor: Actor) -> list[Line]:
    """What one said oneself, for oneself or a neighbour, the newest first. Two queries."""
    own = actor.person_id or 0
    rows = Wish.objects.filter(Q(matter__reporter_id=own) | Q(matter__teller_id=own))
    return _lines(rows.order_by("-pk"))


@dataclass(frozen=True)
class WishPage:
    """A wish for one reader. `whole`: text and address too, for who takes it on, said it, or looks after it."""

    wish: Wish
    community: str
    office: UnitVersion | None
    steps: frozenset[str]
    whole: bool
    is_own: bool
    may_claim: bool

    @property
    def matter(self) -> Matter:
        return self.wish.matter


def wish_page(actor: Actor, wish_id: int, member: Member | None) -> WishPage:
    """For who has a part in it, looks after it, or may claim it: one on the board of the member's district. Raises NotVisible.
    Six queries at most."""
    seen = policy_for(Wish).visible_to(actor).select_related("matter").filter(pk=wish_id).first()
    row: Wish | None = (
        seen or Wish.objects.select_related("matter").filter(pk=wish_id, matter__state__in=BOARD).first()
    )
    here = member is not None and row is not None and row.matter.place_code[:6] == member.place_code[:6]
    if row is None or (seen is None and not here):
        raise NotVisible(_("没有找到这个心愿。"))
    matter = row.matter
    own = said_by(matter, actor.person_id)
    names = dict(Area.objects.filter(code=matter.place_code[:12]).values_list("code", "name"))
    return WishPage(
        wish=row, community=names.get(matter.place_code[:12], ""),
        office=versions_of([matter.holder_id]).get(matter.holder_id) if matter.holder_id else None,
        steps=frozenset(step.name for step in next_steps(actor, matter)), whole=seen is not None, is_own=own,
        may_claim=here and not own and matter.state in BOARD,
    )  # fmt: skip


def board_counts(actor: Actor, place_code: str) -> dict[str, int]:
    """How many wishes stand in each state in a place, of those the actor sees in office. One query."""
    rows = policy_for(Wish).visible_to(actor).filter(within("matter__place_code", [place_code]))
    found = rows.values_list("matter__state").annotate(n=Count("pk")).order_by()
    return dict(found)


def office_board(
    actor: Actor, place_code: str, states: Sequence[str], most: int = 20
) -> dict[str, list[Line]]:
    """The community's board: the oldest of each state. Two queries for each state."""
    rows = policy_for(Wish).visible_to(actor).filter(within("matter__place_code", [place_code]))
    return {
        state: _lines(rows.filter(matter__state=state).order_by("matter__state_since", "pk"))[:most]
        for state in states
    }


def solved() -> QuerySet[Wish]:
    """Difficulties that a member who reported in solved, in the word of the person helped."""
    return Wish.objects.filter(
        matter__kind=KIND, matter__category=DIFFICULTY, matter__state="closed", member__isnull=False
    )
