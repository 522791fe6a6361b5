"""Appointing on the desk: found, appointed, stood in for, extended, ended; refusals at their field; others' are 404."""

from __future__ import annotations

import datetime as dt

import pytest

from doorstep.kernel.authority.models import Account
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Appointment, Unit
from tests.chain import world as district

GRIDS = [district.ONE + "001", district.ONE + "002"]


@pytest.fixture
def committee(world) -> Unit:
    return organisations.found_unit(
        actor=district.SYSTEM, kind="residents_committee", name="演示居委会", place_code=district.ONE,
        founded_on=district.BEGAN, document="文",
    )  # fmt: skip


@pytest.fixture
def worker(committee) -> Appointment:
    return organisations.appoint(
        actor=district.SYSTEM, person_id=district.person("演示乙一").pk, post="grid_worker", unit_id=committee.pk,
        valid_from=district.BEGAN, places=GRIDS[:1],
    )  # fmt: skip


def sent(**values: object) -> dict[str, object]:
    usual = {
        "valid_from": "2026-06-01",
        "valid_to": "",
        "full_time": "on",
        "has_vote": "on",
        "document": "文",
    }
    return usual | values


def test_a_grid_worker_is_found_and_appointed(ours, committee):
    who = district.person("演示新人")
    address = f"/desk/units/{committee.pk}/appoint/"
    assert "演示新人" in ours.get(address, {"q": "yanshixinren"}).content.decode()
    answer = ours.post(
        address, sent(q="演示新人", person=who.pk, post="grid_worker", places="、".join(GRIDS))
    )
    assert answer.status_code == 302
    made = Appointment.objects.get(person=who)
    assert sorted(made.places.values_list("code", flat=True)) == GRIDS
    assert (made.full_time, made.has_vote, made.document) == (True, True, "文")


def test_places_are_picked_one_a_field(ours, committee):
    who = district.person("演示新人")
    address = f"/desk/units/{committee.pk}/appoint/"
    page = ours.get(address, {"q": "演示新人"}).content.decode()
    assert page.count('name="places"') == 3 and "data-picker-stay" in page and "只有专职网格员" in page
    named = f"演示一社区 · 第2网格 {GRIDS[1]}"  # what a field without scripts holds after a choice
    values = sent(q="演示新人", person=who.pk, post="grid_worker", places=[GRIDS[0], named, "", GRIDS[0]])
    assert ours.post(address, values).status_code == 302
    made = Appointment.objects.get(person=who)
    assert sorted(made.places.values_list("code", flat=True)) == GRIDS
    again = ours.get(f"/desk/appointments/{made.pk}/places/").content.decode()
    assert again.count('name="places"') == 5 and "演示一社区 · 第1网格" in again
    wrong = ours.post(
        f"/desk/appointments/{made.pk}/places/", {"places": ["没有的网格"], "valid_from": "2026-06-15"}
    )
    assert "在您的范围内没有叫“没有的网格”的地方" in wrong.content.decode()


def test_a_refusal_stands_at_its_field(ours, committee):
    who = district.person("演示新人")
    values = sent(q="演示新人", person=who.pk, post="grid_worker", places=district.ELSEWHERE + "001")
    answer = ours.post(f"/desk/units/{committee.pk}/appoint/", values)
    assert answer.status_code == 422
    assert "不在这个单位的范围内" in answer.content.decode()
    assert "places" in answer.context["form"].errors
    assert not Appointment.objects.filter(person=who).exists()


def test_what_is_offered_is_what_may_be_done(ours, worker):
    page = ours.get(f"/desk/r/appointments/record/{worker.pk}/").content.decode()
    for act in ["end", "substitute", "places"]:
        assert f"/desk/appointments/{worker.pk}/{act}/" in page
        assert ours.get(f"/desk/appointments/{worker.pk}/{act}/").status_code == 200
    assert "/extend/" not in page and "/withdraw/" not in page


def test_stood_in_for_extended_and_ended(ours, worker):
    who = district.person("演示代理")
    values = sent(q="演示代理", person=who.pk, valid_to="2026-07-01")
    assert ours.post(f"/desk/appointments/{worker.pk}/substitute/", values).status_code == 302
    stand_in = Appointment.objects.get(person=who)
    assert stand_in.substitute_for_id == worker.pk
    open_end = ours.post(f"/desk/appointments/{stand_in.pk}/extend/", {"valid_to": "", "document": ""})
    assert open_end.status_code == 422 and "须写明截止日期" in open_end.content.decode()
    assert (
        ours.post(f"/desk/appointments/{stand_in.pk}/extend/", {"valid_to": "2026-08-01"}).status_code == 302
    )
    assert (
        ours.post(
            f"/desk/appointments/{worker.pk}/end/", {"valid_to": "2026-06-10", "reason": "调离"}
        ).status_code
        == 302
    )
    for row in Appointment.objects.filter(pk__in=[worker.pk, stand_in.pk]):
        assert row.valid_to == dt.date(2026, 6, 10)


def test_other_places_and_a_withdrawn_appointment(ours, worker, committee):
    moved = ours.post(
        f"/desk/appointments/{worker.pk}/places/", {"places": GRIDS[1], "valid_from": "2026-06-15"}
    )
    assert moved.status_code == 302
    new = Appointment.objects.get(valid_from=dt.date(2026, 6, 15))
    assert new.place_code == GRIDS[1]
    future = organisations.appoint(
        actor=district.SYSTEM, person_id=district.person("演示将来").pk, post="community_worker",
        unit_id=committee.pk, valid_from=dt.date(2026, 9, 1),
    )  # fmt: skip
    assert ours.post(f"/desk/appointments/{future.pk}/withdraw/", {"reason": ""}).status_code == 302
    assert not Appointment.objects.filter(pk=future.pk).exists()


def test_for_another_street_none_of_it_exists(ours, theirs, worker, committee):
    addresses = [f"/desk/units/{committee.pk}/appoint/"]
    addresses += [
        f"/desk/appointments/{worker.pk}/{act}/"
        for act in ["end", "extend", "substitute", "places", "withdraw"]
    ]
    for address in addresses:
        assert theirs.get(address).status_code == theirs.post(address, {}).status_code == 404, address
        assert ours.get(address).status_code == 200, address


def test_a_person_of_another_street_is_nobody_here(ours, committee):
    stranger = district.person("演示外人", district.ELSEWHERE)
    address = f"/desk/units/{committee.pk}/appoint/"
    assert "没有找到“演示外人”" in ours.get(address, {"q": "演示外人"}).content.decode()
    forged = sent(q="演示外人", person=stranger.pk, post="community_worker")
    assert ours.post(address, forged).status_code in (200, 422)
    assert not Appointment.objects.filter(person=stranger).exists()


def test_a_community_secretary_does_not_end_a_secretary(sign_in, world):
    secretary = sign_in("community_secretary", district.ONE)
    other = organisations.appoint(
        actor=district.SYSTEM, person_id=district.person("演示委员").pk, post="community_committee_member",
        unit_id=world.communities[district.ONE].pk, valid_from=district.BEGAN,
    )  # fmt: skip
    assert secretary.get(f"/desk/appointments/{other.pk}/end/").status_code == 403


def test_the_security_administrator_gives_the_administrators_posts(sign_in, world):
    security = sign_in("security_administrator", "210202")
    unit = Unit.objects.get(kind="platform_administration")
    with_account = district.person("演示有账号")
    Account.objects.create(username="someone", person=with_account)
    district.person("演示无账号")
    record = security.get("/desk/administrators/", follow=True)
    assert record.status_code == 200 and f"/desk/units/{unit.pk}/appoint/" in record.content.decode()
    address = f"/desk/units/{unit.pk}/appoint/"
    found = security.get(address, {"q": "演示"}).content.decode()
    assert "演示有账号" in found and "演示无账号" not in found
    answer = security.post(address, sent(q="演示有账号", person=with_account.pk, post="audit_administrator"))
    assert answer.status_code == 302
    made = Appointment.objects.get(person=with_account)
    assert security.post(f"/desk/appointments/{made.pk}/end/", {"valid_to": "2026-06-15"}).status_code == 302
    second = security.post(address, sent(q="演示有账号", person=with_account.pk, post="system_administrator"))
    assert second.status_code == 422 and "一人只能任其一" in second.content.decode()
