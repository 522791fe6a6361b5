"""Pages of the four lists: the whole chain by clicking, what is refused with what was typed, who finds what."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from doorstep.kernel.declarations.work import all_providers
from doorstep.kernel.matters.selectors_timeline import timeline_of
from doorstep.kernel.obligations.services_minutes import NewMinutes, record_minutes
from doorstep.kernel.shared import clock
from doorstep.modules.partnership.models_lists import Claim, Need, Project, Rating, Resource
from doorstep.modules.partnership.services_ratings import code_of
from tests.partnership.lists_world import DAY, FIRST, ONE, TODAY, Lists, build_lists, duty, use
from tests.sign_in import client_of


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    monkeypatch.setenv("DOORSTEP_TODAY", TODAY.isoformat())
    with clock.fixed(TODAY) as day:
        yield day


@pytest.fixture
def lists(db: None) -> Lists:
    return build_lists()


def signed_in(lists: Lists, who: str) -> Client:
    return client_of(lists.district.accounts[who])


def at(name: str, *args: object) -> str:
    return reverse(f"partnership:{name}", args=args)


def sent(client: Client, path: str, data: dict) -> str:
    """Where a form leads that was carried out."""
    answer = client.post(path, data)
    assert answer.status_code == 302, answer.content.decode()[:4000]
    return str(answer["Location"])


def test_the_chain_by_clicking(lists: Lists) -> None:
    secretary, partner, resident = (signed_in(lists, who) for who in ("secretary", "partner", "resident"))
    tell = {
        "title": "想学用手机",
        "text": "老人多",
        "place": ONE,
        "resource_class": "skill",
        "people": 20,
        "key": uuid.uuid4(),
    }
    own = sent(resident, at("tell"), tell)
    need = Need.objects.get()
    assert own == at("follow", need.pk) and need.matter.reporter_id == lists.district.people["resident"].pk
    assert "想学用手机" in secretary.get(at("lists")).content.decode()
    screen = {
        "headline": "老人想学用手机", "about": "每周一次", "resource_class": "skill", "people": 20, "units": 1, "note": "已列入清单",
        "version": need.matter.version,
    }  # fmt: skip
    refused = secretary.post(at("need_act", need.pk, "screen"), screen | {"about": "找我 13800138000"})
    assert refused.status_code == 422 and "老人想学用手机" in refused.content.decode()
    sent(secretary, at("need_act", need.pk, "screen"), screen)
    assert "老人想学用手机" in partner.get(at("unit_near")).content.decode()
    page = partner.get(at("unit_needed", need.pk)).content.decode()
    assert "我们来做" in page and "老人多" not in page
    sent(partner, at("unit_needed", need.pk), {"unit": lists.partners["partner"].pk})
    unit = Claim.objects.get().unit_id
    told = next(
        one for one in timeline_of(lists.actor("secretary"), need.matter).entries if one.words == "单位认领"
    )
    assert (told.who, told.unit) == ("", "演示单位partner"), "the unit's act, not the platform's"
    agree = {
        "title": "手机课堂", "unit": unit, "starts_on": TODAY, "ends_on": TODAY + 20 * DAY, "hands": 2, "key": uuid.uuid4(),
        "version": Need.objects.get().matter.version,
    }  # fmt: skip
    page = secretary.post(at("need_act", need.pk, "agree"), agree | {"unit": ""})
    assert page.status_code == 422 and "责任单位" in page.content.decode()
    page = secretary.post(
        at("need_act", need.pk, "agree"),
        agree | {"duties-1-unit": "999", "duties-1-what": "讲课", "duties-1-due": "2026-06-20"},
    )
    assert (
        page.status_code == 422
        and "第 2 行：请选由谁来做" in page.content.decode()
        and "table-responsive is-invalid" in page.content.decode()
        and "讲课" in page.content.decode()
    )
    page = secretary.post(
        at("need_act", need.pk, "agree"), agree | {"duties-0-unit": unit, "duties-0-what": "讲课"}
    )
    assert page.status_code == 422 and "第 1 行：请填什么时候做完" in page.content.decode()
    sent(
        secretary,
        at("need_act", need.pk, "agree"),
        agree | {"duties-0-unit": unit, "duties-0-what": "讲课", "duties-0-due": "2026-06-20"},
    )
    project = Project.objects.get()
    assert "手机课堂" in partner.get(at("unit_mine")).content.decode()
    sent(partner, at("unit_project_act", project.pk, "start"), {"version": project.matter.version})
    done = {"note": "讲了四次课", "served": 18, "version": ""}
    sent(partner, at("unit_project_act", project.pk, "deliver"), done)
    assert "要确认" in secretary.get(at("lists") + "?stage=confirm").content.decode()
    sent(secretary, at("project_act", project.pk, "confirm"), {"note": "去看过", "version": ""})
    assert "您来评价" in resident.get(own).content.decode()
    sent(resident, at("rate", need.pk), {"grade": 5, "words": "学会了"})
    assert Rating.objects.get().grade == 5
    sent(secretary, at("project_act", project.pk, "slips"), {"more": 3})
    printed = secretary.get(at("slips", project.pk)).content.decode()
    assert printed.count('class="qr"') == 3
    for path in (
        at("need", need.pk),
        at("project", project.pk),
        at("year", unit),
        at("matches"),
        at("lists") + f"?place={ONE}",
    ):
        assert secretary.get(path).status_code == 200, path
    for path in (
        at("unit_project", project.pk),
        at("unit_year"),
        at("unit_offer"),
    ):
        assert partner.get(path).status_code == 200, path
    assert partner.get(at("unit_needed", need.pk))["Location"] == at("unit_project", project.pk)
    assert resident.get(at("told")).status_code == 200


def test_what_is_not_done_yet_is_named_above_the_form(lists: Lists) -> None:
    project = lists.running(duties=[duty(lists.partner("second"), "准备音响")])
    path = at("unit_project_act", project.pk, "deliver")
    page = signed_in(lists, "partner").post(path, {"note": "讲了四次课", "served": 18, "version": ""})
    assert page.status_code == 422
    assert page.context["form"].errors == {
        "__all__": ["还有 1 项责任没有报告做完：“准备音响”（演示单位second）。都做完了才能报告项目做完。"]
    }
    assert "讲了四次课" in page.content.decode(), "what was typed is kept"


def test_the_community_takes_a_part_and_another_of_its_people_confirms_it(lists: Lists) -> None:
    second, other = lists.partner("second"), lists.partner("third")
    room = lists.offer("second")
    need = lists.claimed()
    secretary = signed_in(lists, "secretary")
    form = secretary.get(at("need_act", need.pk, "agree")).context["form"]
    own = need.matter.holder
    groups = form.fields["duties"].widget.groups
    assert [(heading, [unit for unit, _name in units]) for heading, units in groups] == [
        ("认领了的单位", [lists.partners["partner"].pk]), ("有这类资源的单位", [second.pk]), ("本社区", [own.pk]),
        ("别的共建单位", [other.pk]),
    ]  # fmt: skip
    project = lists.running(need=need, uses=[use(room, TODAY)], duties=[duty(own, "出通知")])
    assert (
        f'<option value="{own.pk}">' in secretary.get(at("project_act", project.pk, "duty")).content.decode()
    )
    line = project.responsibilities.get()
    assert waiting(lists, "secretary", "出通知") == [("报告做完", at("project", project.pk))]
    sent(secretary, at("duty_act", line.pk, "done"), {"note": "通知贴好了", "version": ""})
    refused = secretary.post(at("duty_act", line.pk, "confirm"), {"note": "看到了", "version": ""})
    assert refused.status_code == 403
    sent(signed_in(lists, "deputy"), at("duty_act", line.pk, "confirm"), {"note": "看到了", "version": ""})
    line.matter.refresh_from_db()
    assert line.matter.state == "kept"


def waiting(lists: Lists, who: str, title: str) -> list[tuple[str, str]]:
    """(action, address) of everything of this title that waits for somebody, in whatever list."""
    found = [each.items(lists.actor(who), TODAY, 20)[0] for each in all_providers()]
    return [(str(item.action), item.url) for items in found for item in items if item.title == title]


def test_a_need_waits_once_for_who_screens_it(lists: Lists) -> None:
    need = lists.tell()
    assert waiting(lists, "secretary", need.matter.title) == [("审核", at("need", need.pk))]


def test_a_slip_rates_once_without_an_account(lists: Lists) -> None:
    project = lists.confirmed()
    Project.objects.filter(pk=project.pk).update(slips=2)
    anybody, code = Client(), code_of(project.pk, 1, project.matter.key)
    path = at("rate_slip", project.pk, 1, code)
    assert "不用登录" in anybody.get(path).content.decode()
    assert anybody.post(path, {"grade": ""}).status_code == 422
    assert anybody.post(path, {"grade": 4, "words": "电话13800138000"}).status_code == 422
    sent(anybody, path, {"grade": 4, "words": "不错"})
    assert "已经评过" in anybody.get(path).content.decode()
    assert anybody.get(at("rate_slip", project.pk, 2, code)).status_code == 404
    assert "不错" in signed_in(lists, "secretary").get(at("project", project.pk)).content.decode()


def test_the_last_place_taken_meanwhile_is_told_kindly(lists: Lists) -> None:
    lists.partner("second")
    need = lists.claimed()
    page = signed_in(lists, "second").post(at("unit_needed", need.pk), {"unit": lists.partners["second"].pk})
    assert page.status_code == 409 and "谢谢您的心意" in page.content.decode()


def test_nobody_elses_pages(lists: Lists) -> None:
    project = lists.confirmed()
    room = lists.offer()
    need = project.need_id
    outside = {
        "outsider": [at("need", need), at("project", project.pk), at("need_act", need, "agree"), at("project_act", project.pk, "stop"),
                     at("resource", room.pk), at("slips", project.pk), at("year", project.unit_id)],
        "resident": [at("unit_near"), at("unit_project", project.pk), at("lists"), at("unit_offer"), at("unit_year")],
        "partner": [at("follow", need), at("need", need), at("need_new"), at("matches")],
        "worker": [],
    }  # fmt: skip
    for who, paths in outside.items():
        if who == "worker":
            continue
        client = signed_in(lists, who)
        for path in paths:
            assert client.get(path).status_code == 404, (who, path)


def test_what_a_unit_offers_by_phone_and_by_desk(lists: Lists) -> None:
    partner, secretary = signed_in(lists, "partner"), signed_in(lists, "secretary")
    unit = lists.partners["partner"].pk
    data = {
        "unit": unit, "resource_class": "space", "name": "二楼会议室", "capacity": 1, "week": [0, 1], "opens": "09:00", "closes": "18:00",
        "price": "low_fee", "yuan": "50.5", "price_words": "每小时",
    }  # fmt: skip
    assert partner.post(at("unit_offer"), data | {"yuan": ""}).status_code == 422
    sent(partner, at("unit_offer"), data)
    row = Resource.objects.get()
    assert (row.fen, row.weekdays, row.opens, row.closes) == (5050, 3, 540, 1080)
    assert "50.50 元（每小时）" in partner.get(at("unit_mine")).content.decode()
    sent(partner, at("unit_offer_change", row.pk), data | {"name": "三楼会议室", "version": 1})
    assert secretary.post(at("resource", row.pk), data | {"version": 1}).status_code == 422
    sent(secretary, at("resource_new"), data | {"name": "停车场"})
    sent(partner, at("unit_offer_end", row.pk), {"ended_on": TODAY + DAY})
    assert Resource.objects.get(pk=row.pk).valid_to == TODAY + DAY


def test_a_unit_year_as_facts_with_few_ratings_kept_back(lists: Lists) -> None:
    project = lists.confirmed()
    partner = signed_in(lists, "partner")
    page = partner.get(at("unit_year")).content.decode()
    assert "社区确认 1 个" in page and "不足 5 份，不公布分布" in page
    for slip in range(1, 7):
        Rating.objects.create(
            project=project, place_code=FIRST, slip=slip, grade=4 + slip % 2, at=clock.now()
        )
    page = signed_in(lists, "secretary").get(at("year", project.unit_id)).content.decode()
    assert "共 6 份" in page and "5 分 3 份" in page
    paper = partner.get(at("unit_year_paper", TODAY.year))
    assert paper.status_code in (200, 302)


def test_registers_and_their_queries(lists: Lists) -> None:
    room = lists.offer()
    lists.confirmed(uses=[use(room, TODAY + DAY)])
    secretary = signed_in(lists, "secretary")
    for key in ("needs", "resources", "projects", "responsibilities", "ratings", "listed"):
        assert secretary.get(reverse("web:register", args=[f"partnership.{key}"])).status_code == 200, key


def test_a_need_from_a_meeting_and_a_visit_on_the_desk(lists: Lists) -> None:
    secretary = signed_in(lists, "secretary")
    data = {
        "place": ONE, "told": "forum", "title": "缺儿童活动", "text": "会上提的", "resource_class": "culture", "people": 30, "units": 1,
        "key": uuid.uuid4(),
    }  # fmt: skip
    sent(secretary, at("need_new"), data)
    assert Need.objects.get().told == "forum" and Need.objects.get().meeting is None, (
        "no minutes to choose from"
    )
    party = lists.district.units["community_party_organisation", ONE].pk
    began = dt.datetime.combine(TODAY - DAY, dt.time(14), clock.DISTRICT_ZONE)
    forum = NewMinutes(
        kind="joint_meeting", unit_id=party, starts_at=began, ends_at=began + dt.timedelta(hours=1), where="社区会议室", entitled=5,
        present=5, agenda="社区里缺什么",
    )  # fmt: skip
    meeting = record_minutes(actor=lists.actor("secretary"), new=forum)
    page = secretary.post(at("need_new"), data | {"key": uuid.uuid4()})
    assert page.status_code == 422 and "请选是哪次会议提出的" in page.content.decode()
    sent(secretary, at("need_new"), data | {"meeting": meeting.pk, "key": uuid.uuid4()})
    assert Need.objects.latest("pk").meeting_id == meeting.pk
    refused = secretary.post(
        at("need_new"), data | {"told": "request", "origin": "QS9999999", "key": uuid.uuid4()}
    )
    assert refused.status_code in (404, 422)
    assert (
        signed_in(lists, "worker" if "worker" in lists.district.accounts else "street")
        .get(at("need_new"))
        .status_code
        == 200
    )
