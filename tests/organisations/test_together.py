"""Two people at once, on real connections: one wins, the other is told in words."""

import threading
from collections.abc import Callable

import pytest
from django.db import IntegrityError, close_old_connections, connection, transaction

from doorstep.kernel.organisations import refusals, services
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.shared.errors import Conflict, Refused, RuleViolation
from tests.accounts import on_record
from tests.organisations import world
from tests.organisations.world import START, STREET, SYSTEM, branch, day, officer, party, person


@pytest.fixture
def places(fresh_database, monkeypatch):
    monkeypatch.setenv("DOORSTEP_TODAY", "2026-06-15")
    world.build_places()


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run each act on a connection of its own, all released at the same moment; gives results or exceptions."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(index: int) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            results[index] = acts[index]()
        except Refused as refusal:
            results[index] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    close_old_connections()
    return results


def split(results: list[object]) -> tuple[list[object], list[Refused]]:
    refused = [result for result in results if isinstance(result, Refused)]
    return [result for result in results if not isinstance(result, Refused)], refused


def test_overlapping_appointments_entered_by_two_people(places):
    unit = party()
    people = [person("演示甲一"), person("演示甲二")]
    officers = [
        officer("street_officer", STREET, name="演示干部一"),
        officer("street_officer", STREET, name="演示干部二"),
    ]
    won, refused = split(
        at_once(
            *(
                lambda actor=actor, who=who: services.appoint(
                    actor=actor,
                    person_id=who.pk,
                    post="community_secretary",
                    unit_id=unit.pk,
                    valid_from=START,
                )
                for actor, who in zip(officers, people, strict=True)
            )
        )
    )
    assert (len(won), len(refused)) == (1, 1)
    assert f"由{won[0].person.name}担任" in str(refused[0])
    assert Appointment.objects.count() == 1


def test_the_same_unit_adjusted_at_once(places):
    unit = branch()
    officers = {
        name: on_record(officer("street_officer", STREET, name=name)) for name in ["演示干部一", "演示干部二"]
    }
    won, refused = split(
        at_once(
            *(
                lambda name=name: services.rename_unit(
                    actor=officers[name], unit_id=unit.pk, name=f"{name}取的名", effective_on=day("2026-06-15"), document="文", expected_version=1,
                )
                for name in officers
            )
        )
    )  # fmt: skip
    assert (len(won), len(refused)) == (1, 1)
    assert isinstance(refused[0], Conflict)
    winner = won[0].name.removesuffix("取的名")
    assert f"{winner}于 2026-06-15 12:00 调整，名称由“演示第一支部”改为“{winner}取的名”" in str(refused[0])


def test_a_ring_cannot_close_from_two_sides(places):
    first, second = branch(), branch("演示第二支部")
    won, refused = split(
        at_once(
            lambda: services.move_unit(
                actor=SYSTEM,
                unit_id=first.pk,
                superior_id=second.pk,
                effective_on=day("2026-06-15"),
                document="文",
            ),
            lambda: services.move_unit(
                actor=SYSTEM,
                unit_id=second.pk,
                superior_id=first.pk,
                effective_on=day("2026-06-15"),
                document="文",
            ),
        )
    )
    assert (len(won), len(refused)) == (1, 1)
    assert "绕成一圈" in str(refused[0])


def test_a_unit_does_not_end_while_another_moves_under_it(places):
    top, low = party(), branch()
    won, refused = split(
        at_once(
            lambda: services.dissolve_unit(
                actor=SYSTEM, unit_id=top.pk, effective_on=day("2026-07-01"), document="文"
            ),
            lambda: services.move_unit(
                actor=SYSTEM,
                unit_id=low.pk,
                superior_id=top.pk,
                effective_on=day("2026-07-01"),
                document="文",
            ),
        )
    )
    assert (len(won), len(refused)) == (1, 1)


def test_what_slips_past_the_locks_is_refused_by_the_database_and_said_in_words(places):
    """Writers that know nothing of the unit's lock meet the constraint; each name has its words."""
    unit, blocked = party(), threading.Event()
    people = [person("演示甲一"), person("演示甲二")]

    def row(who) -> Appointment:
        return Appointment(
            person=who,
            unit=unit,
            post="community_secretary",
            sole=True,
            place_code=world.COMMUNITY,
            valid_from=START,
        )

    def slow() -> None:
        with transaction.atomic():
            row(people[0]).save()
            blocked.set()
            threading.Event().wait(0.3)

    def late() -> None:
        blocked.wait(10)
        with refusals.constraints_in_words():
            row(people[1]).save()

    _won, refused = split(at_once(slow, late))
    assert [type(refusal) for refusal in refused] == [RuleViolation]
    assert "别人刚刚登记了重叠的任期" in str(refused[0])


def test_every_constraint_of_ours_has_words(places):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'x' AND conrelid IN "
            "('organisations_appointment'::regclass, 'organisations_unitversion'::regclass)"
        )
        names = {name for (name,) in cursor.fetchall()}
    assert names <= set(refusals.CONSTRAINT_TEXTS)
    with pytest.raises(IntegrityError), refusals.constraints_in_words():
        UnitVersion.objects.create(
            unit_id=987654321, kind="company", name="无主", place_code="", valid_from=START
        )
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
