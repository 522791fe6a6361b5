"""Who hears of a breach: the level above who holds the matter, from the grid to the community, the street, the district;
and who is reminded: whoever the promise waits for. Who is asked for more time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set

from django.db.models import Q

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import capabilities_of
from doorstep.kernel.matters.hearers import Told
from doorstep.kernel.matters.laws import CHECK, Part, law_of
from doorstep.kernel.matters.messages import announce
from doorstep.kernel.matters.models import History, Matter
from doorstep.kernel.matters.models_deadlines import Deadline
from doorstep.kernel.matters.policies import EXTEND
from doorstep.kernel.matters.steps import Case
from doorstep.kernel.organisations.kinds import POSTS as ALL_POSTS
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.shared.place_codes import LENGTHS

COMMUNITY, STREET, TOP = 1, 2, 3  # levels that a breach is told to
PLACES = {COMMUNITY: "community", STREET: "street", TOP: "county"}
POSTS = {
    COMMUNITY: ("community_secretary", "residents_committee_chair"),
    STREET: ("street_officer",),
    TOP: ("district_officer",),
}
ABOVE, CHECKER, GRANTER = "above", "checker", "granter"  # their part in a notice


def first_level(matters: Sequence[Matter]) -> dict[int, int]:
    """By matter, the first level above who holds it. One query.

    What a community or a grid holds goes to the community first, what a street, a department or the district holds to
    the district.
    """
    stands = versions_of({matter.holder_id for matter in matters if matter.holder_id is not None})
    return {
        matter.pk: COMMUNITY
        if matter.holder_id is None or matter.holder_id not in stands
        or len(stands[matter.holder_id].place_code) >= LENGTHS["community"]
        else TOP
        for matter in matters
    }  # fmt: skip


def tell_escalation(actor: Actor, cases: Sequence[Case]) -> None:
    """Tell post-holders of each matter's level of escalation, and who holds and handles it."""
    matters = [case.matter for case in cases]
    above = _above(matters)
    checkers = checkers_of([case.matter for case in cases if case.running(CHECK)])
    announce(
        actor,
        [
            Told(
                matter=matter, key="overdue", parts=("handler", "holder", "asked"), due_at=matter.due_at,
                persons=(
                    *((person_id, CHECKER) for person_id in checkers.get(matter.pk, ())),
                    *((person_id, ABOVE) for person_id in above.get(_reach(matter), ())),
                ),
            )
            for matter in matters
        ],
    )  # fmt: skip


def tell_reminder(actor: Actor, coming: Sequence[Deadline]) -> None:
    """Remind who handles each matter, or where nobody does yet who holds it, of what falls due; and who was asked.
    Of a check those who may do it."""
    checkers = checkers_of([row.matter for row in coming if row.clock == CHECK])
    announce(
        actor,
        [
            Told(
                matter=row.matter, key="remind", parts=_waited_for(row), due_at=row.due_at, to_followers=False,
                persons=tuple((person_id, CHECKER) for person_id in checkers.get(row.matter_id, ()))
                if row.clock == CHECK else (),
            )
            for row in coming
        ],
    )  # fmt: skip


def _waited_for(row: Deadline) -> tuple[Part, ...]:
    if row.clock == CHECK:
        return ()
    return ("handler" if row.matter.handler_id else "holder", "asked")


def checkers_of(matters: Sequence[Matter]) -> dict[int, list[int]]:
    """By matter, persons in office nearest to it who may check what was done and did not do it themselves. Two queries,
    none without matters."""
    if not matters:
        return {}
    works = {name for matter in matters for name in law_of(matter.kind).works}
    rows = History.objects.filter(matter__in=[matter.pk for matter in matters], name__in=works)
    did = set(rows.values_list("matter_id", "person_id"))
    return _nearest(matters, {matter.kind: _posts_to_check(matter.kind) for matter in matters}, did)


def tell_extension_asked(actor: Actor, matter: Matter) -> None:
    """Tell those nearest to the matter who may grant more time, but for whoever asks and whoever handles it. One query more."""
    posts = {post for post in ALL_POSTS if EXTEND in capabilities_of(post)}
    near = _nearest(
        [matter], {matter.kind: posts}, {(matter.pk, actor.person_id), (matter.pk, matter.handler_id)}
    )
    persons = tuple((person_id, GRANTER) for person_id in near.get(matter.pk, ()))
    announce(actor, [Told(matter=matter, key="ask_extension", persons=persons, to_followers=False)])


def _nearest(
    matters: Sequence[Matter], posts: Mapping[str, set[str]], never: Set[tuple[int, int | None]]
) -> dict[int, list[int]]:
    """By matter, persons in office at the nearest level that has some, in posts of its kind. One query. `never`: matter and person."""
    codes = {code for matter in matters for code in _near(matter)}
    held = Appointment.objects.in_force().filter(post__in=set().union(*posts.values()))
    held = held.filter(Q(place_code__in=codes) | Q(places__code__in=codes))
    serving: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for post, person_id, stands, own in held.order_by("pk").values_list(
        "post", "person_id", "place_code", "places__code"
    ):
        serving[own or stands].append((post, person_id))
    found: dict[int, list[int]] = {}
    for matter in matters:
        for code in _near(matter):
            persons = [
                person_id
                for post, person_id in serving[code]
                if post in posts[matter.kind] and (matter.pk, person_id) not in never
            ]
            if persons:
                found[matter.pk] = persons
                break
    return found


def _posts_to_check(kind: str) -> set[str]:
    rights = {row.by for row in law_of(kind).transitions if CHECK in row.meets and row.by}
    return {post for post in ALL_POSTS if rights & capabilities_of(post)}


def _near(matter: Matter) -> list[str]:
    """Its community, its street, the district: the nearest first."""
    return [
        matter.place_code[: LENGTHS[level]]
        for level in PLACES.values()
        if len(matter.place_code) >= LENGTHS[level]
    ]


def _reach(matter: Matter) -> tuple[int, str]:
    """The level a matter has climbed to, and the place of that level."""
    return matter.escalation, matter.place_code[: LENGTHS[PLACES[matter.escalation]]]


def _above(matters: Sequence[Matter]) -> dict[tuple[int, str], set[int]]:
    """Persons in office at each level and place, substitutes too. One query for each level there is."""
    wanted: dict[int, set[str]] = defaultdict(set)
    for matter in matters:
        level, code = _reach(matter)
        wanted[level].add(code)
    found: dict[tuple[int, str], set[int]] = defaultdict(set)
    for level, codes in wanted.items():
        held = Appointment.objects.in_force().filter(post__in=POSTS[level])
        held = held.filter(Q(place_code__in=codes) | Q(places__code__in=codes))
        for person_id, stands, own in held.values_list("person_id", "place_code", "places__code"):
            for code in codes & {stands, own}:
                found[level, code].add(person_id)
    return found
