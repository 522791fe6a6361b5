"""Remarks, following, supervision orders: who may, who reads, what stays."""

import datetime as dt

import pytest
from django.db import DatabaseError, transaction

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters.models import Notice, Participation, Remark, SupervisionOrder
from doorstep.kernel.matters.services_remarks import (
    close_supervision,
    follow,
    remark,
    reply_to_supervision,
    supervise,
    unfollow,
)
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from tests.matters.offices import appoint_cast
from tests.matters.world import opened, step

TOMORROW = dt.datetime(2026, 6, 16, 9, tzinfo=dt.UTC)


def test_a_remark_is_kept_with_who_and_from_where(world):
    appoint_cast(world)
    matter = opened(world)
    row = remark(actor=world["worker"], matter_id=matter.pk, text="约了周三", internal=False)
    assert (row.person_id, row.unit_id) == (world.people["worker"].pk, world.committee.pk)
    own = remark(actor=world["resident"], matter_id=matter.pk, text="我周三在家", internal=False)
    assert own.unit_id is None
    entry = Entry.objects.filter(action="matters.remark").latest("pk")
    assert "在家" not in str(entry.changes)
    heard = Notice.objects.filter(key="remark", person=world.people["resident"])
    assert heard.count() == 1 and Notice.objects.filter(key="remark", part="holder").count() == 5


def test_internal_remarks_are_written_and_heard_by_staff_alone(world):
    appoint_cast(world)
    matter = opened(world)
    follow(actor=world["resident"], matter_id=matter.pk)
    remark(actor=world["worker"], matter_id=matter.pk, text="问过物业", internal=True)
    assert not Notice.objects.filter(key="remark", person=world.people["resident"]).exists()
    with pytest.raises(NotAllowed, match="内部留言"):
        remark(actor=world["resident"], matter_id=matter.pk, text="我也看看", internal=True)
    for who in ("neighbour", "outsider", "department"):
        with pytest.raises(NotVisible):
            remark(actor=world[who], matter_id=matter.pk, text="路过", internal=False)


@pytest.mark.parametrize(("text", "words"), [(" \n", "请填写留言"), ("长" * 2001, "最多 2000 字")])
def test_bad_remarks(world, text, words):
    with pytest.raises(RuleViolation, match=words):
        remark(actor=world["resident"], matter_id=opened(world).pk, text=text, internal=False)


def test_a_remark_is_never_changed_or_removed(world):
    row = remark(actor=world["resident"], matter_id=opened(world).pk, text="第一句", internal=False)
    for change in ({"text": "第二句"}, {"internal": True}, {"person": None}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Remark.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Remark.objects.filter(pk=row.pk).delete()


def test_follow_and_unfollow(world):
    matter = opened(world)
    for _ in range(2):
        follow(actor=world["street"], matter_id=matter.pk)
    assert Participation.objects.get().person_id == world.people["street"].pk
    step(world, "worker", matter, "accept")
    assert Notice.objects.filter(key="accept", part="follows", person=world.people["street"]).count() == 1
    for _ in range(2):
        unfollow(actor=world["street"], matter_id=matter.pk)
    assert not Participation.objects.exists()
    assert Entry.objects.filter(action__in=["matters.follow", "matters.unfollow"]).count() == 2
    with pytest.raises(NotVisible):
        follow(actor=world["neighbour"], matter_id=matter.pk)


def ordered(world, matter, **more):
    values = {"reason": "群众反映多次", "reply_due": TOMORROW} | more
    return supervise(actor=world["street"], matter_id=matter.pk, **values)


def test_a_supervision_order_from_order_to_reply_to_end(world):
    appoint_cast(world)
    matter = opened(world)
    step(world, "worker", matter, "accept")
    order = ordered(world, matter)
    assert order.unit_id == world.street.pk
    told = set(Notice.objects.filter(key="supervised").values_list("person_id", "part"))
    people = {role: person.pk for role, person in world.people.items()}
    assert told == {
        (people["worker"], "handler"), (people["second_worker"], "holder"), (people["community"], "holder"),
    }  # fmt: skip
    with pytest.raises(NotAllowed, match="承办单位回复"):
        reply_to_supervision(actor=world["street"], order_id=order.pk, reply="自问自答")
    reply_to_supervision(actor=world["worker"], order_id=order.pk, reply="配件周三到")
    assert Notice.objects.get(key="supervision_reply").person_id == people["street"]
    with pytest.raises(RuleViolation, match="已经回复"):
        reply_to_supervision(actor=world["worker"], order_id=order.pk, reply="再说一遍")
    with pytest.raises(NotAllowed, match="发出的单位"):
        close_supervision(actor=world["worker"], order_id=order.pk, closing="好了")
    order = close_supervision(actor=world["street"], order_id=order.pk, closing="已按期回复")
    assert order.closed_at is not None
    with pytest.raises(RuleViolation, match="已经结束"):
        close_supervision(actor=world["street"], order_id=order.pk, closing="再结束")
    actions = (
        Entry.objects.filter(action__contains="supervis").order_by("pk").values_list("action", flat=True)
    )
    assert list(actions) == ["matters.supervise", "matters.reply_supervision", "matters.close_supervision"]


def test_who_may_not_supervise_and_what_cannot_be(world):
    matter = opened(world)
    for who in ("worker", "community"):
        with pytest.raises(NotAllowed):
            supervise(actor=world[who], matter_id=matter.pk, reason="催", reply_due=TOMORROW)
    with pytest.raises(NotVisible):
        supervise(actor=world["outsider"], matter_id=matter.pk, reason="催", reply_due=TOMORROW)
    with pytest.raises(RuleViolation, match="晚于现在"):
        ordered(world, matter, reply_due=clock.now())
    with pytest.raises(RuleViolation, match="请填写理由"):
        ordered(world, matter, reason=" ")
    ordered(world, matter)
    with pytest.raises(RuleViolation, match="已有一件"):
        ordered(world, matter)
    with pytest.raises(RuleViolation, match="还没有承办单位"):
        ordered(world, opened(world, holder_id=None))
    over = opened(world)
    step(world, "resident", over, "withdraw")
    with pytest.raises(RuleViolation, match="已经办结"):
        ordered(world, over)


def test_the_reporter_does_not_know_of_orders(world):
    order = ordered(world, opened(world))
    with pytest.raises(NotVisible):
        reply_to_supervision(actor=world["resident"], order_id=order.pk, reply="我来回")
    with pytest.raises(NotVisible):
        close_supervision(actor=world["resident"], order_id=order.pk + 999, closing="无")
    with pytest.raises(DatabaseError), transaction.atomic():
        SupervisionOrder.objects.filter(pk=order.pk).delete()
