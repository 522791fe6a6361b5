"""Pages of communities, assistance, the coordination mechanism: approved by another, decided with a reason, measured from rows."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from doorstep.kernel.obligations.models import Minutes
from doorstep.kernel.obligations.services_minutes import NewMinutes, record_minutes
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.coverage import services_assistance as assistance
from doorstep.modules.coverage import services_coordination as coordination
from doorstep.modules.coverage import services_pages as pages
from doorstep.modules.coverage.models import (
    Assistance,
    AssistanceEvent,
    AssistancePart,
    CommunityPage,
    CoordinationMember,
    Finding,
    Measure,
)
from doorstep.modules.coverage.services_assistance import NewAssistance, NewDay
from doorstep.modules.coverage.services_pages import PageWords
from tests.coverage.world import ONE, SYSTEM, TODAY, TWO, World, committee
from tests.matters.uploads import photo, upload

DAY = dt.timedelta(days=1)
FOUR = {
    "leader": "一位街道领导联系",
    "department": "住建局结对",
    "community": "与演示二社区结对",
    "plan": "见方案",
}


def words(**changed: Any) -> PageWords:
    given: dict[str, Any] = {
        "name": "邻里议事厅", "problem": "停车难", "way": "每周议事", "effect": "车位有序", "since_day": dt.date(2025, 1, 1),
        "indicators": ("grids.grids",),
    }  # fmt: skip
    return PageWords(**(given | changed))


def written(world: World, **changed: Any) -> CommunityPage:
    return pages.write_page(
        actor=world.actor("secretary"), kind="brand", place_code=ONE, words=words(**changed)
    )


def test_a_page_is_published_by_another(world: World) -> None:
    secretary, street = world.actor("secretary"), world.actor("street")
    row = written(world)
    with pytest.raises(RuleViolation, match="在写"):
        pages.approve_page(actor=street, page_id=row.pk, expected_version=1)
    pages.submit_page(actor=secretary, page_id=row.pk, expected_version=1)
    with pytest.raises(NotAllowed):
        pages.approve_page(actor=secretary, page_id=row.pk, expected_version=2)
    with pytest.raises(RuleViolation, match="退回的原因"):
        pages.send_back_page(actor=street, page_id=row.pk, reason="", expected_version=2)
    pages.send_back_page(actor=street, page_id=row.pk, reason="成效写具体些", expected_version=2)
    pages.change_page(actor=secretary, page_id=row.pk, words=words(effect="增加车位"), expected_version=3)
    pages.submit_page(actor=secretary, page_id=row.pk, expected_version=4)
    assert pages.approve_page(actor=street, page_id=row.pk, expected_version=5).state == "published"
    changed = pages.change_page(actor=secretary, page_id=row.pk, words=words(name="新名"), expected_version=6)
    assert changed.state == "draft", "what was changed is not public until it is approved anew"
    with pytest.raises(Conflict):
        pages.submit_page(actor=secretary, page_id=row.pk, expected_version=6)
    with pytest.raises(Conflict, match="已经有一页"):
        written(world)


def test_who_wrote_it_does_not_publish_it(world: World) -> None:
    street = world.actor("street")
    row = pages.write_page(actor=street, kind="experience", place_code=ONE, words=words())
    pages.submit_page(actor=street, page_id=row.pk, expected_version=1)
    with pytest.raises(NotAllowed, match="须由他人"):
        pages.approve_page(actor=street, page_id=row.pk, expected_version=2)
    pages.approve_page(actor=world.actor("district"), page_id=row.pk, expected_version=2)
    gone = pages.withdraw_page(actor=street, page_id=row.pk, reason="内容过时", expected_version=3)
    assert (gone.state, gone.withdrawn_on) == ("withdrawn", TODAY)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"), ({"problem": "难" * 1001}, "problem"), ({"since_day": TODAY}, "since_day"),
        ({"indicators": ("no.such",)}, "indicators"), ({"way": " "}, "way"), ({"name": "名\x07"}, "name"),
    ],
)  # fmt: skip
def test_words_refused(world: World, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        written(world, **changed)
    assert refused.value.field == field and not CommunityPage.objects.exists()


def test_a_picture_has_words_of_consent_and_makes_it_a_draft(world: World) -> None:
    row = written(world)
    secretary = world.actor("secretary")
    with pytest.raises(RuleViolation, match="怎样同意"):
        pages.add_picture(
            actor=secretary, page_id=row.pk, upload=upload("a.jpg", photo()), caption="", consent=""
        )
    made = pages.add_picture(
        actor=secretary, page_id=row.pk, upload=upload("a.jpg", photo()), caption="议事厅", consent="认不出人"
    )
    assert made.picture and made.state == "draft"
    pages.submit_page(actor=secretary, page_id=row.pk, expected_version=made.lock_version)
    public = pages.approve_page(
        actor=world.actor("street"), page_id=row.pk, expected_version=made.lock_version + 1
    )
    assert public.state == "published"
    again = pages.add_picture(
        actor=secretary, page_id=row.pk, upload=upload("b.jpg", photo()), caption="换一张", consent="认不出人"
    )
    assert again.state == "draft", "another picture is not public until it is approved"


def test_who_put_the_picture_in_does_not_publish_it_whoever_writes_after_them(world: World) -> None:
    secretary, street, district = (world.actor(role) for role in ("secretary", "street", "district"))
    row = written(world)
    given = {"upload": upload("a.jpg", photo()), "caption": "", "consent": "现场举手同意"}
    row = pages.add_picture(actor=street, page_id=row.pk, **given)
    row = pages.change_page(
        actor=secretary, page_id=row.pk, words=words(way="每月议事"), expected_version=row.lock_version
    )
    row = pages.submit_page(actor=secretary, page_id=row.pk, expected_version=row.lock_version)
    with pytest.raises(NotAllowed):
        pages.approve_page(actor=street, page_id=row.pk, expected_version=row.lock_version)
    row = pages.approve_page(actor=district, page_id=row.pk, expected_version=row.lock_version)
    assert row.state == "published"
    row = pages.change_page(
        actor=secretary, page_id=row.pk, words=words(way="每周议事"), expected_version=row.lock_version
    )
    row = pages.submit_page(actor=secretary, page_id=row.pk, expected_version=row.lock_version)
    row = pages.approve_page(actor=street, page_id=row.pk, expected_version=row.lock_version)
    assert row.state == "published", "the picture was read by another, this change too"


def test_who_writes_where(world: World) -> None:
    for role in ("outsider", "resident", "property"):
        with pytest.raises((NotVisible, NotAllowed)):
            pages.write_page(actor=world.actor(role), kind="brand", place_code=ONE, words=words())
    with pytest.raises(RuleViolation, match="请选一个社区"):
        pages.write_page(actor=world.actor("district"), kind="brand", place_code=ONE[:9], words=words())


def plan(**changed: Any) -> NewAssistance:
    given: dict[str, Any] = {
        "place_code": ONE, "starts_on": dt.date(2025, 6, 2), "ends_on": dt.date(2026, 12, 31), "goal": "补齐短板",
        "document": "演组〔2025〕3号", "indicators": ("grids.grids",), "parts": FOUR,
    }  # fmt: skip
    return NewAssistance(**(given | changed))


def test_assistance_from_beginning_to_outcome(world: World) -> None:
    street = world.actor("street")
    row = assistance.begin_assistance(actor=street, new=plan())
    assert row.lines.count() == 4
    assert list(row.measures.values_list("moment", "key", "day", "value")) == [
        ("before", "grids.grids", dt.date(2025, 6, 2), 3),
    ]
    with pytest.raises(Conflict, match="正在帮扶"):
        assistance.begin_assistance(actor=street, new=plan())
    with pytest.raises(RuleViolation, match="没有蹲点调研"):
        assistance.decide_assistance(actor=street, assistance_id=row.pk, outcome="moved_up", reason="好了")
    office = NewDay(assistance_id=row.pk, kind="office_day", day=TODAY, who="街道", seen="现场解决两件")
    assistance.record_day(actor=street, new=office)
    with pytest.raises(RuleViolation, match="没有蹲点调研"):
        assistance.decide_assistance(actor=street, assistance_id=row.pk, outcome="moved_up", reason="好了")
    day = NewDay(
        assistance_id=row.pk, kind="site_visit", day=TODAY, who="街道、住建局", seen="楼道堆物", findings=("清理三号楼楼道", " "),
    )  # fmt: skip
    made = assistance.record_day(actor=world.actor("secretary"), new=day)
    assert assistance.record_day(actor=world.actor("secretary"), new=day).pk == made.pk
    assert Finding.objects.get().event == made and AssistanceEvent.objects.count() == 2
    with pytest.raises(NotAllowed):
        assistance.decide_assistance(
            actor=world.actor("secretary"), assistance_id=row.pk, outcome="moved_up", reason="自己认定"
        )
    with pytest.raises(RuleViolation, match="认定理由"):
        assistance.decide_assistance(actor=street, assistance_id=row.pk, outcome="moved_up", reason="")
    assistance.decide_assistance(actor=street, assistance_id=row.pk, outcome="moved_up", reason="短板补齐")
    assert Measure.objects.filter(moment="after").get().value == 3
    with pytest.raises(RuleViolation, match="已经认定"):
        assistance.record_day(
            actor=street, new=NewDay(assistance_id=row.pk, kind="site_visit", day=TODAY, who="街", seen="看")
        )


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"parts": FOUR | {"plan": ""}}, "part_plan"), ({"starts_on": TODAY + DAY}, "starts_on"),
        ({"ends_on": dt.date(2025, 6, 2)}, "ends_on"), ({"indicators": ()}, "indicators"), ({"document": ""}, "document"),
        ({"units": {"department": 999_999}}, "unit_department"), ({"starts_on": dt.date(2020, 1, 1), "ends_on": dt.date(2021, 1, 1)}, "starts_on"),
    ],
)  # fmt: skip
def test_plans_refused(world: World, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        assistance.begin_assistance(actor=world.actor("street"), new=plan(**changed))
    assert refused.value.field == field and not Assistance.objects.exists()


def test_parts_are_the_districts_and_dated(world: World) -> None:
    given = {
        "code": "leader",
        "name": "一名区领导挂点",
        "place_code": "210202",
        "rank": 1,
        "clause": "演示文件",
    }
    with pytest.raises((NotVisible, NotAllowed)):
        assistance.set_part(actor=world.actor("street"), valid_from=TODAY, **given)
    assistance.set_part(actor=world.actor("district"), valid_from=TODAY, **given)
    names = {day: [part.name for part in assistance.parts_on(ONE, day)] for day in (TODAY - DAY, TODAY)}
    assert names[TODAY - DAY][0] == "一名领导挂点联系" and names[TODAY][0] == "一名区领导挂点"
    assert len(names[TODAY]) == 4 and AssistancePart.objects.count() == 5
    with pytest.raises(Conflict):
        assistance.set_part(actor=world.actor("district"), valid_from=TODAY, **given)


def session(unit_id: int) -> Minutes:
    starts = dt.datetime.combine(TODAY, dt.time(8), clock.DISTRICT_ZONE)
    return record_minutes(
        actor=SYSTEM,
        new=NewMinutes(
            kind="coordination", unit_id=unit_id, starts_at=starts, ends_at=starts + dt.timedelta(hours=1), where="会议室",
            entitled=9, present=8, agenda="研究停车", key=uuid.uuid4(),
        ),
    )  # fmt: skip


def test_a_session_refers_to_a_member_who_answers_for_it(world: World) -> None:
    street, mechanism = world.actor("street"), committee()
    department = world.units["department", "210202"]
    meeting = session(mechanism.pk)
    given = {
        "actor": street,
        "minutes_id": meeting.pk,
        "title": "增设停车位",
        "text": "在空地增设",
        "place_code": ONE,
    }
    with pytest.raises(RuleViolation, match="成员单位"):
        coordination.refer(holder_id=department.pk, **given)
    member = coordination.add_member(
        actor=street, mechanism_id=mechanism.pk, unit_id=department.pk, role="member", valid_from=TODAY
    )
    found = coordination.refer(holder_id=department.pk, **given)
    assert (found.session, found.matter.holder_id, found.matter.place_code) == (meeting, department.pk, ONE)
    with pytest.raises(Conflict):
        coordination.add_member(
            actor=street, mechanism_id=mechanism.pk, unit_id=department.pk, role="deputy", valid_from=TODAY
        )
    with pytest.raises(RuleViolation, match="在这个街道"):
        coordination.refer(holder_id=department.pk, **(given | {"place_code": TWO}))
    for role in ("outsider", "resident", "department"):
        with pytest.raises((NotVisible, NotAllowed)):
            coordination.refer(holder_id=department.pk, **(given | {"actor": world.actor(role)}))
    coordination.end_member(actor=street, member_id=member.pk, ended_on=TODAY + DAY)
    assert CoordinationMember.objects.get().valid_to == TODAY + DAY
