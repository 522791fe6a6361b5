"""The inbox narrowed: each condition finds its rows, reads as words, stands in the address; filters kept by name."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services import Inputs, apply_transition
from doorstep.kernel.people.erasure import erase_person
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.surfaces.desk import services_filters
from doorstep.surfaces.desk.models import SavedFilter
from tests.authority import cast
from tests.browsers import DEMO_DAY
from tests.desk.matter_world import GRID, SECOND_GRID, build, client, page, reported, unit

pytestmark = pytest.mark.django_db
INBOX = "/desk/matters/"


@pytest.fixture
def members(db, clock_fixed):
    return build()


@pytest.fixture
def lamp(members) -> Matter:
    return reported(members, "三单元楼道灯不亮")


@pytest.fixture
def sewer(members) -> Matter:
    found = reported(
        members,
        "下水道堵了",
        by="street_officer",
        place_code=SECOND_GRID,
        item_code="env.sewer",
        urgency="urgent",
    )
    apply_transition(
        actor=members["street_officer"].actor, matter_id=found.pk, name="dispatch",
        inputs=Inputs(unit_id=unit(members, "department_officer")),
    )  # fmt: skip
    opened = clock.now() - dt.timedelta(days=10)
    Matter.objects.filter(pk=found.pk).update(opened_at=opened, due_at=clock.now() - dt.timedelta(days=5))
    return Matter.objects.get(pk=found.pk)


@pytest.fixture
def street(members) -> Client:
    return client(members, "street_officer")


def listed(at: Client, **conditions: str) -> str:
    return page(at, f"{INBOX}?{urlencode({'box': 'place'} | conditions)}")


def day(distance: int) -> str:
    return (DEMO_DAY + dt.timedelta(days=distance)).isoformat()


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ({"place": SECOND_GRID}, "演示网格002"), ({"state": "request.dispatched"}, "诉求：已派办"),
        ({"urgency": "urgent"}, "程度紧急"), ({"level": "department"}, "在部门和单位一级"),
        ({"due_until": day(-1)}, f"{day(-1)} 以前到期"), ({"due_since": day(-6), "due_until": day(-4)}, f"{day(-6)} 起到期"),
        ({"opened_until": day(-9)}, f"{day(-9)} 以前登记"), ({"opened_since": day(-11), "opened_until": day(-9)}, "起登记"),
    ],
)  # fmt: skip
def test_each_condition_keeps_its_rows_and_says_so(street, lamp, sewer, conditions, words) -> None:
    shown = listed(street, **conditions)
    assert sewer.number in shown and lamp.number not in shown
    assert words in shown
    assert lamp.number in listed(street), "without it both are there"


def test_kind_class_holder_and_fineness(members, street, lamp, sewer) -> None:
    assert lamp.number in listed(street, kind="request")
    assert lamp.number not in listed(street, kind="whistle")
    assert lamp.number in listed(street, **{"class": lamp.category})
    assert lamp.number not in listed(street, **{"class": "dispute"})
    committee, office = unit(members, "grid_worker"), unit(members, "street_officer")
    assert lamp.holder_id == committee
    held = listed(street, holder=str(committee))
    assert lamp.number in held and "负责" in held
    assert lamp.number not in listed(street, holder=str(office))
    assert lamp.number in listed(street, known_to="grid")
    assert lamp.number not in listed(street, known_to="community")


def test_undecided_ones_apart_from_what_is_really_something_else(members, street, lamp) -> None:
    vague = reported(members, "那边又那样了，来看看", item_code="")
    other = reported(members, "捡到一串钥匙", item_code="other.other")
    assert vague.category == other.category == "other"
    undecided = listed(street, item="undecided")
    assert vague.number in undecided and "事项未定" in undecided
    assert other.number not in undecided and lamp.number not in undecided
    really = listed(street, **{"class": "other", "item": "decided"})
    assert other.number in really and vague.number not in really and lamp.number not in really


def test_conditions_stay_from_box_to_box_and_each_can_be_taken_away(street, sewer) -> None:
    shown = unescape(listed(street, urgency="urgent", state="request.dispatched"))
    assert "?box=overdue&state=request.dispatched&urgency=urgent" in shown
    assert 'href="?box=place&urgency=urgent"' in shown, "a chip leads to the rest"


def test_a_place_typed_by_name_becomes_its_code_in_the_address(street, lamp) -> None:
    at = street
    answer = at.get(INBOX, {"box": "place", "place": "演示网格002", "state": ""})
    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer["Location"]).query) == {"box": ["place"], "place": [SECOND_GRID]}


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("place", cast.NEIGHBOUR, "不在您的范围内"), ("place", "没有的地方", "没有叫"), ("state", "no.state", "看不懂"),
        ("holder", "99999999", "看不懂"), ("due_until", "明天", "看不懂"), ("urgency", "\x00x", "看不懂"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_said_and_not_used(street, lamp, key, value, said) -> None:
    shown = listed(street, **{key: value})
    assert said in shown and lamp.number in shown


def test_pages_by_key_keep_the_conditions(members, street, lamp, monkeypatch) -> None:
    monkeypatch.setattr("doorstep.surfaces.desk.inbox.PAGE", 2)
    for number in range(4):
        reported(members, f"第{number}盏灯不亮")
    at = street
    seen, address = [], f"{INBOX}?box=place&place={GRID}"
    for _page in range(3):
        answer = at.get(address)
        seen += [line.matter.pk for line in answer.context["inbox"].lines]
        following = answer.context["next_url"]
        assert not following or f"place={GRID}" in following
        address = INBOX + following
    assert len(seen) == len(set(seen)) == 5 and not following


def test_queries_do_not_grow_with_rows_or_conditions(street, lamp, sewer) -> None:
    at = street
    page(at, INBOX)
    asked = []
    for query in (
        "box=place",
        f"box=place&urgency=urgent&state=request.dispatched&place={GRID}&due_until={day(3)}",
    ):
        with CaptureQueriesContext(connection) as queries:
            page(at, f"{INBOX}?{query}")
        asked.append(len(queries))
    assert asked == [14, 15], asked


@pytest.mark.parametrize(
    "columns",
    [
        "community_code, due_at, id", "street_code, due_at, id", "kind, state, due_at, id", "category, due_at, id",
        "urgency, due_at, id", "holder_id, due_at, id", "due_at, id", "opened_at, id",
    ],
)  # fmt: skip
def test_each_condition_has_an_index_of_what_is_open_in_the_order_of_the_page(db, columns: str) -> None:
    """Which of them a plan takes depends on how many rows there are; `make bench` times the pages on a million."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'matters_matter'")
        made = [row[0] for row in cursor.fetchall()]
    assert any(f"({columns}) WHERE" in each and "is_open" in each for each in made), made


def test_a_filter_is_kept_opened_renamed_and_deleted(street, sewer) -> None:
    at = street
    query = "box=place&urgency=urgent"
    answer = at.post(
        "/desk/filters/new/", {"name": " 紧急的 ", "query": query + "&after=x&junk=1"}, follow=True
    )
    assert "已保存为“紧急的”" in answer.content.decode()
    kept = SavedFilter.objects.get()
    assert (kept.name, kept.query) == ("紧急的", query), "the page and what is no condition are left out"
    assert f'href="?{query}"' in unescape(page(at, INBOX))
    assert "程度紧急" in page(at, "/desk/filters/") and "辖区未结" in page(at, "/desk/filters/")
    assert "保存这个筛选" not in page(at, f"{INBOX}?{query}"), "it is kept already"
    at.post("/desk/filters/", {"pk": kept.pk, "name": "今早看"})
    assert SavedFilter.objects.get().name == "今早看"
    at.post("/desk/filters/", {"pk": kept.pk, "do": "delete"})
    assert not SavedFilter.objects.exists()


def test_a_filter_is_its_owners_alone(members) -> None:
    mine = services_filters.save_filter(actor=members["street_officer"].actor, name="我的", query="box=place")
    other = client(members, "outside_officer")
    assert "我的</a>" not in page(other, INBOX)
    assert other.post("/desk/filters/", {"pk": mine.pk, "do": "delete"}).status_code == 404
    assert other.post("/desk/filters/", {"pk": "²", "do": "delete"}).status_code == 404
    with pytest.raises(NotVisible):
        services_filters.rename_filter(actor=members["outside_officer"].actor, pk=mine.pk, name="别人")
    assert SavedFilter.objects.get().name == "我的"


def test_names_of_filters(members, monkeypatch) -> None:
    actor = members["street_officer"].actor
    one = services_filters.save_filter(actor=actor, name="甲", query="box=place")
    assert services_filters.save_filter(actor=actor, name="甲", query="box=all").pk == one.pk, "saved anew"
    two = services_filters.save_filter(actor=actor, name="乙", query="box=all")
    with pytest.raises(RuleViolation, match="已经有叫“甲”"):
        services_filters.rename_filter(actor=actor, pk=two.pk, name="甲")
    for wrong in ("  ", "很" * 31):
        with pytest.raises(RuleViolation) as refused:
            services_filters.save_filter(actor=actor, name=wrong, query="box=all")
        assert refused.value.field == "name"
    monkeypatch.setattr(services_filters, "MOST", 2)
    with pytest.raises(RuleViolation, match="最多保存 2 个"):
        services_filters.save_filter(actor=actor, name="丙", query="box=all")


def test_filters_go_with_the_person_they_name(members) -> None:
    actor = members["street_officer"].actor
    services_filters.save_filter(actor=actor, name="演示居民的", query="box=all")
    services_filters.save_filter(actor=actor, name="灯", query=urlencode({"box": "all", "q": "演示居民"}))
    services_filters.save_filter(actor=actor, name="别的", query="box=all")
    erase_person(actor=cast.SYSTEM, person=members["resident"].person, ground="asked")
    assert list(SavedFilter.objects.values_list("name", flat=True)) == ["别的"]


def test_unasked_the_inbox_opens_where_something_waits(sewer: Matter, members, street: Client) -> None:
    def chosen(of: Client) -> str:
        (current,) = re.findall(r'href="([^"]*box=[^"]*)" aria-current', of.get(INBOX).content.decode())
        return parse_qs(urlsplit(unescape(current)).query)["box"][0]

    department = client(members, "department_officer")
    assert (chosen(department), chosen(street)) == ("asked", "overdue")
    apply_transition(
        actor=members["department_officer"].actor, matter_id=sewer.pk, name="accept", inputs=Inputs()
    )
    assert chosen(department) == "mine"
    assert chosen(client(members, "outsider")) == "unit"
