"""Departments and communities: a plan whose items are done by confirmed deeds, never by saying so."""

import datetime as dt
import uuid

import pytest
from django.db import IntegrityError, transaction

from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.partnership import services_pairing as services
from doorstep.modules.partnership.models import Deed, Pairing
from tests.organisations.world import COMMUNITY
from tests.partnership.world import TODAY

DAY = dt.timedelta(days=1)


def paired(world, role="district", **more) -> Pairing:
    given = {
        "department_id": world.units["department"].pk, "place_code": COMMUNITY, "valid_from": dt.date(2026, 1, 1),
        "valid_to": dt.date(2027, 1, 1), "aim": "办好课后托管", "document": "演示结对〔2026〕1号",
    } | more  # fmt: skip
    return services.pair(actor=world.actor(role), new=services.NewPairing(**given))


def deed(world, row, role="department", **more) -> Deed:
    given = {"pairing_id": row.pk, "kind": "deed", "day": TODAY, "what": "开了托管班", "people": 30} | more
    return services.record_deed(actor=world.actor(role), new=services.NewDeed(**given))


def test_an_item_is_done_by_a_confirmed_deed(world):
    row = paired(world)
    item = services.plan_item(
        actor=world.actor("department"), pairing_id=row.pk, what="开托管班", due_on=TODAY + 9 * DAY
    )
    key = uuid.uuid4()
    done = deed(world, row, item_id=item.pk, key=key)
    assert deed(world, row, item_id=item.pk, key=key) == done and done.confirmed_at is None
    with pytest.raises(NotAllowed):
        services.confirm_deed(actor=world.actor("department"), deed_id=done.pk)
    assert services.confirm_deed(actor=world.actor("secretary"), deed_id=done.pk).confirmed_at is not None
    with pytest.raises(RuleViolation, match="已经确认"):
        services.confirm_deed(actor=world.actor("deputy"), deed_id=done.pk)
    with pytest.raises(RuleViolation, match="不能取消"):
        services.drop_item(actor=world.actor("department"), item_id=item.pk, reason="不办了")
    services.strike_deed(actor=world.actor("secretary"), deed_id=done.pk, reason="日期写错")
    assert services.drop_item(actor=world.actor("secretary"), item_id=item.pk, reason="改为夏令营").dropped_at


def test_the_community_records_and_another_of_it_confirms(world):
    row = paired(world)
    visit = deed(world, row, "secretary", kind="visit", what="局长来走访")
    with pytest.raises(NotAllowed, match="另一个人"):
        services.confirm_deed(actor=world.actor("secretary"), deed_id=visit.pk)
    assert (
        services.confirm_deed(actor=world.actor("deputy"), deed_id=visit.pk).confirmed_by_id
        == world.people["deputy"].pk
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Deed.objects.filter(pk=visit.pk).update(confirmed_by=world.people["secretary"].pk)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"day": TODAY + DAY}, "将来"), ({"day": dt.date(2025, 12, 31)}, "不在结对期间"), ({"what": " "}, "做了什么"),
        ({"people": -1}, "服务人次"), ({"kind": "gift"}, "走访或者办实事"), ({"item_id": 0}, "没有这一项计划"),
    ],
)  # fmt: skip
def test_what_cannot_be_recorded(world, more, words):
    row = paired(world)
    with pytest.raises(RuleViolation, match=words):
        deed(world, row, **more)
    assert not Deed.objects.exists()


def test_once_at_a_time_and_a_department_alone(world):
    row = paired(world)
    with pytest.raises(RuleViolation, match="已经与这个社区结对"):
        paired(world, document="x")
    with pytest.raises(RuleViolation, match="区直部门"):
        paired(world, department_id=world.units["firm"].pk)
    with pytest.raises(RuleViolation, match="止日须晚于起日"):
        paired(world, valid_to=dt.date(2026, 1, 1))
    for role, refusal in (("secretary", NotAllowed), ("street", NotAllowed), ("outsider", NotVisible)):
        with pytest.raises(refusal):
            paired(world, role)
    with pytest.raises(RuleViolation, match="结对期间之内"):
        services.plan_item(
            actor=world.actor("department"), pairing_id=row.pk, what="a", due_on=dt.date(2027, 2, 1)
        )
    services.end_pairing(actor=world.actor("district"), pairing_id=row.pk, on=TODAY, reason="机构调整")
    assert Pairing.objects.get(pk=row.pk).valid_to == TODAY
    assert paired(world, valid_from=TODAY, document="演示结对〔2026〕2号")


def test_others_do_not_see_it(world):
    row = paired(world)
    for role in ("outsider", "partner"):
        with pytest.raises(NotVisible):
            deed(world, row, role)
    with pytest.raises(NotAllowed):
        deed(world, row, "worker")


def test_what_a_department_did_is_confirmed_by_the_community(world):
    """Not by the officer of the district who paired the two."""
    visit = deed(world, paired(world), kind="visit", what="走访")
    for role in ("district", "street", "member"):
        with pytest.raises(NotAllowed):
            services.confirm_deed(actor=world.actor(role), deed_id=visit.pk)
