"""Units and holders of posts that are called: told, shown what is asked, and answering, until the call-up is over."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.declarations.work import all_providers
from doorstep.kernel.matters.models_messages import Notice
from doorstep.kernel.matters.notices import line_of
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.people.own_data import own_data
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.vanguard import services_callups
from doorstep.modules.vanguard.models import Called, Callup
from doorstep.modules.vanguard.selectors_callups import board_of
from tests.grids.world import ONE, SYSTEM, TODAY, World
from tests.sign_in import client_of
from tests.vanguard.world import callup, held, newcomer, party, position, post


def called(world: World, row: Callup, people: int = 5, **target: int) -> Called:
    target = target or {"unit_id": party(ONE, world)}
    return services_callups.call(actor=world.actor("street"), callup_id=row.pk, people=people, **target)


def answer(world: World, role: str, row: Called, people: int | None = 3, reason: str = "") -> Called:
    return services_callups.answer_call(
        actor=world.actor(role), called_id=row.pk, comes=people is not None, people=people, reason=reason
    )


def told(world: World, role: str) -> list[str]:
    rows = Notice.objects.filter(person=world.people[role], about="vanguard.called").order_by("pk")
    return [line_of(row) for row in rows]


def liaison(world: World) -> int:
    """A company of the community with somebody who acts for it; gives the unit."""
    unit = organisations.found_unit(
        actor=SYSTEM, kind="company", name="演示海运公司", place_code=ONE, founded_on=dt.date(2020, 1, 1)
    )
    newcomer(world, "liaison")
    organisations.appoint(
        actor=SYSTEM,
        person_id=world.people["liaison"].pk,
        post="unit_liaison",
        unit_id=unit.pk,
        valid_from=TODAY,
    )
    return unit.pk


def test_who_answers_for_a_unit_is_told_and_the_board_says_what_they_said(world: World) -> None:
    row = callup(world)
    company, community = called(world, row, 4, unit_id=liaison(world)), called(world, row)
    assert [("演示海运公司" in line, "来 4 人" in line) for line in told(world, "liaison")] == [(True, True)]
    assert len(told(world, "secretary")) == len(told(world, "deputy")) == 1 and told(world, "worker") == []
    answer(world, "liaison", company)
    board = board_of(world.actor("street"), row)
    assert (board.wanted, board.coming, board.silent) == (9, 3, 1)
    answer(world, "secretary", community, None, "当天有换届会")
    assert [call.row.answer for call in board_of(world.actor("street"), row).called] == ["yes", "no"]
    (line,) = told(world, "street")
    assert "来不了" in line and "换届" not in line, "a notice quotes nobody"
    entries = Entry.objects.filter(action="vanguard.call_answered").count()
    answer(world, "liaison", company)
    assert entries == 2 == Entry.objects.filter(action="vanguard.call_answered").count(), (
        "the same again is nothing"
    )


def test_asked_for_another_number_it_has_not_answered(world: World) -> None:
    row = callup(world)
    one = called(world, row)
    answer(world, "secretary", one)
    assert called(world, row).answer == "yes" and len(told(world, "secretary")) == 1
    again = called(world, row, 8)
    assert (again.pk, again.people, again.answer, again.coming, again.answered_at) == (
        one.pk,
        8,
        "",
        None,
        None,
    )
    assert "改请" in told(world, "secretary")[-1] and "8 人" in told(world, "secretary")[-1]


@pytest.mark.parametrize(
    ("people", "reason", "field"), [(0, "", "people"), (501, "", "people"), (None, " ", "reason")]
)
def test_an_answer_that_is_none_is_refused_at_its_field(
    world: World, people: int | None, reason: str, field: str
) -> None:
    one = called(world, callup(world))
    with pytest.raises(RuleViolation) as refused:
        answer(world, "secretary", one, people, reason)
    assert refused.value.field == field and Called.objects.get().answer == ""


def test_nobody_answers_for_a_unit_of_others(world: World) -> None:
    row = callup(world)
    one = called(world, row, unit_id=liaison(world))
    for role in ("outsider", "resident", "department", "property"):
        with pytest.raises(NotVisible):
            answer(world, role, one)
    with pytest.raises((NotAllowed, NotVisible)):
        answer(world, "secretary", one)
    assert answer(world, "street", one).answered_by_id == world.people["street"].pk, "told by telephone"


def test_the_holder_of_a_post_is_told_and_answers_while_holding_it(world: World) -> None:
    taken, empty = post(world), post(world, "空着的岗")
    held(world, taken)
    row = callup(world)
    one, none = called(world, row, 1, post_id=taken.pk), called(world, row, 1, post_id=empty.pk)
    assert len(told(world, "member")) == 1 and "演示先锋岗" in told(world, "member")[0]
    reached = {call.row.pk: call.reached for call in board_of(world.actor("street"), row).called}
    assert reached == {one.pk: True, none.pk: False}
    assert answer(world, "member", one, 1).coming == 1
    with pytest.raises(NotVisible):
        answer(world, "other", one, 1)
    assert "演示马拉松" in str(own_data(actor=world.actor("member")))


def test_over_it_is_not_answered_and_who_was_coming_is_told(world: World) -> None:
    row = callup(world)
    one, other = called(world, row), called(world, row, 2, unit_id=liaison(world))
    answer(world, "liaison", other, None, "人手不够")
    services_callups.end_callup(actor=world.actor("street"), callup_id=row.pk, reason="大风")
    assert "收尾" in told(world, "secretary")[-1] and len(told(world, "liaison")) == 1
    with pytest.raises(Conflict, match="已经结束"):
        answer(world, "secretary", one)
    late = called(world, callup(world, name="又一次"))
    with clock.fixed(TODAY + dt.timedelta(days=9)), pytest.raises(Conflict):
        answer(world, "secretary", late)


def waits(world: World, role: str) -> int:
    (provider,) = [one for one in all_providers() if one.key == "vanguard.answer"]
    return provider.items(world.actor(role), TODAY, 5)[1]


def test_on_the_units_own_page(world: World) -> None:
    row = callup(world)
    one = called(world, row, 4, unit_id=liaison(world))
    position(world, row)
    phone, path = client_of(world.accounts["liaison"]), f"/calls/{one.pk}/"
    assert waits(world, "liaison") == 1 and waits(world, "secretary") == waits(world, "resident") == 0
    assert "还没答复" in phone.get("/calls/").content.decode()
    page = phone.get(path).content.decode()
    for said in ("演示马拉松", "起点服务岗", "09:00–12:00", "还缺 1 人", "4 人"):
        assert said in page, said
    for sent in ({"comes": "yes", "people": ""}, {"comes": "no", "words": ""}, {"comes": "perhaps"}, {}):
        assert phone.post(path, sent).status_code in (422, 200) and Called.objects.get().answer == ""
    assert phone.post(path, {"comes": "yes", "people": "3"}).status_code == 302
    assert "来 3 人" in phone.get("/calls/").content.decode() and waits(world, "liaison") == 0
    street = client_of(world.accounts["street"])
    board = street.get(f"/desk/vanguard/callups/{row.pk}/").content.decode()
    assert "共请 4 人，答复来 3 人" in board and path in board
    assert street.post(path, {"comes": "no", "words": "电话里说来不了"}).status_code == 302
    others = {role: client_of(world.accounts[role]) for role in ("outsider", "resident", "department")}
    assert {other.get(path).status_code for other in others.values()} == {404}
    assert others["resident"].get("/calls/").status_code == 404
    assert Client().get(path).status_code == 302
    services_callups.end_callup(actor=world.actor("street"), callup_id=row.pk, reason="办完")
    page = phone.get(path).content.decode()
    assert "已经收尾" in page and '<form method="post" data-once' not in page
    assert phone.post(path, {"comes": "yes", "people": "3"}).status_code == 422
    assert "以前的" in phone.get("/calls/").content.decode()
