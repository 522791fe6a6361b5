"""Whatever is done to a unit, in whatever order: its versions never overlap and never leave a gap."""

import contextlib
import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doorstep.kernel.organisations import rules, services
from doorstep.kernel.organisations.models import Appointment, Unit, UnitVersion
from doorstep.kernel.shared.errors import Refused
from tests.organisations import world
from tests.organisations.world import COMMUNITY, SISTER, START, SYSTEM

pytestmark = pytest.mark.usefixtures("places")
DAYS = st.dates(dt.date(2023, 6, 1), dt.date(2028, 6, 1))
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["rename", "move", "office", "superior", "dissolve", "merge", "split"]), DAYS, st.integers(0, 3)
    ),
    min_size=1, max_size=8,
)  # fmt: skip
IN_THE_TESTS_TRANSACTION = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


@IN_THE_TESTS_TRANSACTION
@given(ACTS)
def test_versions_fill_the_life_of_every_unit(acts):
    with transaction.atomic():
        units = [
            world.branch(f"演示支部{i}", founded_on=START + dt.timedelta(days=100 * i)) for i in range(3)
        ]
        for act, day, choice in acts:
            apply(act, units, day, choice)
        for unit in Unit.objects.all():
            periods = list(UnitVersion.objects.filter(unit=unit).values_list("valid_from", "valid_to"))
            assert rules.covers_without_gap((unit.founded_on, unit.ended_on), periods)
        no_ring()
        transaction.set_rollback(True)


def apply(act: str, units: list[Unit], day: dt.date, choice: int) -> None:
    unit, other = units[choice % len(units)], units[(choice + 1) % len(units)]
    values = {"actor": SYSTEM, "unit_id": unit.pk, "effective_on": day}
    try:
        if act == "rename":
            services.rename_unit(**values, name=f"名{day}{choice}", document="文")
        elif act == "move":
            services.move_unit(**values, place_code=[COMMUNITY, SISTER][choice % 2], document="文")
        elif act == "office":
            services.change_office(**values, phone=f"0411-{choice}{day:%m%d}")
        elif act == "superior":
            services.move_unit(**values, superior_id=other.pk, document="文")
        elif act == "dissolve":
            services.dissolve_unit(**values, document="文")
        elif act == "merge":
            services.merge_units(
                actor=SYSTEM, unit_ids=[unit.pk], into_id=other.pk, effective_on=day, document="文"
            )
        else:
            part = services.NewUnit(kind=unit.kind, name="部分", place_code="", founded_on=day)
            units += services.split_unit(**values, parts=[part, part], keep=bool(choice % 2), document="文")
    except Refused:
        pass  # a refusal is a fine answer; a broken history is not


def no_ring() -> None:
    """On the first day of every version, going up from every unit comes to an end."""
    rows = list(UnitVersion.objects.all())
    for day in {row.valid_from for row in rows}:
        above = {row.unit_id: row.superior_id for row in rows if row.holds_on(day)}
        for start in above:
            seen, at = set(), start
            while at is not None:
                assert at not in seen
                seen.add(at)
                at = above.get(at)


@IN_THE_TESTS_TRANSACTION
@given(st.lists(st.tuples(st.integers(0, 2), DAYS, st.one_of(st.none(), DAYS)), min_size=2, max_size=8))
def test_a_sole_post_never_has_two_holders(asked):
    with transaction.atomic():
        unit = world.party()
        people = [world.person(f"演示甲{i}") for i in range(3)]
        for index, start, end in asked:
            with contextlib.suppress(Refused):
                services.appoint(
                    actor=SYSTEM,
                    person_id=people[index].pk,
                    post="community_secretary",
                    unit_id=unit.pk,
                    valid_from=start,
                    valid_to=end,
                )
        periods = [(row.valid_from, row.valid_to) for row in Appointment.objects.all()]
        for i, first in enumerate(periods):
            assert not any(rules.overlap(first, second) for second in periods[i + 1 :])
        transaction.set_rollback(True)


@given(DAYS, st.one_of(st.none(), DAYS), DAYS, st.one_of(st.none(), DAYS))
def test_overlap_is_what_the_days_say(start, end, other_start, other_end):
    def holds(first: dt.date, last: dt.date | None, day: dt.date) -> bool:
        return first <= day and (last is None or day < last)

    shared = rules.overlap((start, end), (other_start, other_end))
    day = max(start, other_start)
    both = holds(start, end, day) and holds(other_start, other_end, day)
    empty = (end is not None and end <= start) or (other_end is not None and other_end <= other_start)
    assert empty or bool(shared) == both
