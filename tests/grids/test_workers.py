"""Arranging grid workers: who works where, leave, leaving, with the matters in hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from doorstep.kernel.declarations.findings import finding
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.selectors import holders_at
from doorstep.kernel.places.models import Grid
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.grids import services_workers
from doorstep.modules.grids.services_lists import NewForce, attach_forces
from tests.grids.reports import in_hand_of
from tests.grids.world import FIRST, ONE, SECOND, THIRD, TODAY, TWO, World, person
from tests.sign_in import client_of

WEEK = TODAY + dt.timedelta(days=7)


def names(code: str, on: dt.date = TODAY) -> list[str]:
    return [holder.name for holder in holders_at(code, "grid_worker", on)]


def without() -> list[str]:
    return [
        row.code
        for row in finding("grids.without_worker").rows(TODAY).filter(community_id=ONE).order_by("code")
    ]


def matter(world: World) -> Matter:
    return in_hand_of(world)


def client(world: World, role: str) -> Client:
    return client_of(world.accounts[role])


def test_grids_without_a_worker_stand_among_the_breaks_until_given(world: World) -> None:
    assert without() == [SECOND, THIRD]
    services_workers.give_grids(
        actor=world.actor("secretary"),
        appointment_id=world.posts["worker"].pk,
        grids=[SECOND],
        effective_on=TODAY,
    )
    assert without() == [THIRD]
    assert names(FIRST) == names(SECOND) == ["演示worker"]


def test_since_when_is_the_day_the_last_worker_left(world: World) -> None:
    held = world.worker(SECOND)
    held.valid_to = dt.date(2026, 5, 1)
    held.save()
    row = finding("grids.without_worker").rows(TODAY).get(code=SECOND)
    assert finding("grids.without_worker").since(row) == dt.date(2026, 5, 1)


def test_somebody_new_gets_grids(world: World) -> None:
    services_workers.appoint_worker(
        actor=world.actor("secretary"), community=ONE, person_id=person("演示新人").pk, grids=[SECOND, THIRD],
        valid_from=TODAY,
    )  # fmt: skip
    assert names(THIRD) == ["演示新人"] and without() == []


def test_grids_of_another_community_are_refused(world: World) -> None:
    with pytest.raises(RuleViolation) as refused:
        services_workers.give_grids(
            actor=world.actor("secretary"), appointment_id=world.posts["worker"].pk, grids=[TWO + "001"],
            effective_on=TODAY,
        )  # fmt: skip
    assert refused.value.field == "grids"


def test_on_leave_somebody_stands_in_until_the_day_of_return(world: World) -> None:
    services_workers.let_stand_in(
        actor=world.actor("secretary"), appointment_id=world.posts["worker"].pk, person_id=world.people["deputy"].pk,
        valid_from=TODAY, valid_to=WEEK,
    )  # fmt: skip
    (held,) = holders_at(FIRST, "grid_worker", TODAY)
    assert held.acting.person == world.people["deputy"]
    (held,) = holders_at(FIRST, "grid_worker", WEEK)
    assert held.acting.person == world.people["worker"]


def test_nobody_leaves_with_matters_in_hand(world: World) -> None:
    matter(world)
    with pytest.raises(RuleViolation) as refused:
        services_workers.release_worker(
            actor=world.actor("secretary"), appointment_id=world.posts["worker"].pk, on=WEEK
        )
    assert "未结事项" in str(refused.value.message) and refused.value.page
    assert Appointment.objects.get(pk=world.posts["worker"].pk).valid_to is None


def test_leaving_hands_over_grids_and_matters_in_one(world: World) -> None:
    other = world.worker(SECOND, name="演示接手")
    open_one = matter(world)
    services_workers.release_worker(
        actor=world.actor("secretary"), appointment_id=world.posts["worker"].pk, on=WEEK, successor_id=other.pk,
        receiver_id=other.person_id, reason="调岗",
    )  # fmt: skip
    open_one.refresh_from_db()
    assert open_one.handler_id == other.person_id
    assert sorted(names(FIRST)) == ["演示worker", "演示接手"]
    assert names(FIRST, WEEK) == names(SECOND, WEEK) == ["演示接手"]


def test_a_receiver_who_may_not_takes_nothing_and_nothing_ends(world: World) -> None:
    other = world.worker(SECOND)
    open_one = matter(world)
    with pytest.raises(RuleViolation):
        services_workers.release_worker(
            actor=world.actor("secretary"), appointment_id=world.posts["worker"].pk, on=WEEK,
            receiver_id=other.person_id,
        )  # fmt: skip
    open_one.refresh_from_db()
    assert open_one.handler_id == world.people["worker"].pk
    assert Appointment.objects.get(pk=world.posts["worker"].pk).valid_to is None


@pytest.mark.parametrize(
    ("role", "refusal"), [("outsider", NotVisible), ("worker", NotAllowed), ("deputy", NotAllowed)]
)
def test_who_may_not_appoint_is_refused(world: World, role: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        services_workers.give_grids(
            actor=world.actor(role),
            appointment_id=world.posts["worker"].pk,
            grids=[SECOND],
            effective_on=TODAY,
        )


@pytest.mark.parametrize(
    ("role", "status"),
    [("secretary", 200), ("deputy", 200), ("street", 200), ("district", 200), ("worker", 404), ("outsider", 404),
     ("department", 404), ("property", 404), ("resident", 404)],
)  # fmt: skip
def test_the_page_for_each_of_the_cast(world: World, role: str, status: int) -> None:
    assert client(world, role).get(f"/desk/grids/workers/{ONE}/").status_code == status


def test_the_arrangement_costs_a_fixed_number_of_queries(
    world: World, django_assert_num_queries: Any
) -> None:
    from doorstep.modules.grids.selectors_workers import arrangement

    actor = world.actor("secretary")
    for number in range(6):
        world.worker(SECOND if number % 2 else THIRD)
    with django_assert_num_queries(7):
        arrangement(actor, ONE)


def test_the_communities_to_choose_say_where_somebody_is_missing(
    world: World, django_assert_num_queries: Any
) -> None:
    from doorstep.modules.grids.selectors_workers import communities_of

    actor = world.actor("district")
    with django_assert_num_queries(4):
        found = {line.code: line for line in communities_of(actor)}
    assert len(found) > 1 and {line.street for line in found.values()} >= {found[ONE].street}
    assert (found[ONE].grids, found[ONE].workers, found[ONE].without) == (3, 1, 2)
    world.worker(SECOND)
    assert communities_of(actor, ONE)[0].without == 1 and len(communities_of(actor, ONE)) == 1
    text = client(world, "district").get("/desk/grids/workers/").content.decode()
    assert f'href="/desk/grids/workers/{ONE}/"' in text and "个网格没有网格员" in text
    assert client(world, "secretary").get("/desk/grids/workers/").headers["Location"].endswith(f"/{ONE}/")


def test_forces_of_an_ended_grid_wait_for_somebody(world: World) -> None:
    new = NewForce(place_code=SECOND, kind="police", unit="演示派出所", valid_from=dt.date(2025, 1, 1))
    row = attach_forces(actor=world.actor("secretary"), forces=[new])[0][0]
    found = finding("grids.force_in_ended_grid")
    assert not found.rows(TODAY).exists()
    Grid.objects.filter(code=SECOND).update(valid_to=dt.date(2026, 6, 1))
    (waiting,) = found.rows(TODAY)
    assert waiting == row and found.since(waiting) == dt.date(2026, 6, 1)
    assert found.mend(waiting) == f"/desk/grids/end/force/{row.pk}/"


def test_a_stranger_is_asked_to_sign_in(world: World) -> None:
    assert Client().get(f"/desk/grids/workers/{ONE}/").status_code == 302


def test_the_page_says_first_what_is_missing_and_gives_it(world: World) -> None:
    here = f"/desk/grids/workers/{ONE}/"
    browser = client(world, "secretary")
    text = browser.get(here).content.decode()
    assert "3 个网格中，2 个没有网格员" in text
    sent = {"grids": [SECOND, THIRD], "worker": world.posts["worker"].pk, "valid_from": "2026-06-15"}
    assert browser.post(here, sent).status_code == 302
    assert without() == []
    assert "3 个网格都有网格员" in browser.get(here).content.decode()


def test_the_deputy_reads_but_does_not_arrange(world: World) -> None:
    here = f"/desk/grids/workers/{ONE}/"
    browser = client(world, "deputy")
    assert "新任网格员" not in browser.get(here).content.decode()
    assert browser.post(here, {}).status_code == 403
    for part in ("new/", f"{world.posts['worker'].pk}/grids/", f"{world.posts['worker'].pk}/release/"):
        assert browser.get(here + part).status_code == 404


def test_the_guided_leaving_by_its_page(world: World) -> None:
    other = world.worker(SECOND, name="演示接手")
    matter(world)
    here = f"/desk/grids/workers/{ONE}/{world.posts['worker'].pk}/release/"
    browser = client(world, "secretary")
    assert "名下还有 1 件未结事项" in browser.get(here).content.decode()
    sent = {"successor": other.pk, "receiver": "", "valid_to": "2026-06-22"}
    assert browser.post(here, sent).status_code == 422
    assert browser.post(here, sent | {"receiver": other.person_id}).status_code == 302
    assert names(FIRST, WEEK) == ["演示接手"]


def test_leave_and_change_of_grids_by_their_pages(world: World) -> None:
    other = world.worker(SECOND, name="演示同事")
    pk = world.posts["worker"].pk
    browser = client(world, "secretary")
    sent = {"person": other.person_id, "valid_from": "2026-06-15", "valid_to": "2026-06-22"}
    here = f"/desk/grids/workers/{ONE}/{pk}/leave/"
    assert browser.post(here, sent | {"valid_to": "2026-06-15"}).status_code == 422
    matter(world)
    assert "不会自动转给代理人" in browser.get(here).content.decode()
    assert browser.post(here, sent).status_code == 302
    (held,) = holders_at(FIRST, "grid_worker", TODAY)
    assert held.acting.person_id == other.person_id
    assert "演示同事代理" in browser.get(f"/desk/grids/workers/{ONE}/").content.decode()
    sent = {"grids": [FIRST, THIRD], "valid_from": "2026-06-20"}
    assert browser.post(f"/desk/grids/workers/{ONE}/{pk}/grids/", sent).status_code == 302
    assert names(THIRD, WEEK) == ["演示worker"]


def test_a_foreign_or_impossible_appointment_is_not_found(world: World) -> None:
    browser = client(world, "secretary")
    for pk in (10**12, world.posts["secretary"].pk):
        assert browser.get(f"/desk/grids/workers/{ONE}/{pk}/leave/").status_code == 404
    for code in ("abc", "210202", FIRST, "2102020050119"):
        assert browser.get(f"/desk/grids/workers/{code}/").status_code == 404


def test_one_community_opens_at_once_more_are_offered(world: World) -> None:
    assert client(world, "secretary").get("/desk/grids/workers/").url == f"/desk/grids/workers/{ONE}/"  # type: ignore[attr-defined]  # a redirect has it
    text = client(world, "district").get("/desk/grids/workers/").content.decode()
    assert "演示一社区" in text and "演示二社区" in text
