"""The list, its sentence, paging, search, filters, columns, panel, print and text."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.organisations.models import Unit, UnitVersion
from doorstep.kernel.places.models import Area, Grid
from doorstep.kernel.shared.names import name_keys
from tests.web.conftest import START, unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("test_registers")]
URL = "/desk/r/test_units/"


def many(count: int, place: str = "990101001001") -> None:
    units = Unit.objects.bulk_create(
        Unit(kind="building_party_group", founded_on=START) for _ in range(count)
    )
    UnitVersion.objects.bulk_create(
        UnitVersion(unit=one, kind=one.kind, place_code=place, valid_from=START, **name_keys(f"第{at}小组"))
        for at, one in enumerate(units)
    )


def names_in(text: str) -> list[str]:
    return [html.unescape(name) for name in re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', text)]


def page(client: Client, query: str = "", key: str = "test_units") -> str:
    answer = client.get(f"/desk/r/{key}/{query}")
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def sentence(text: str) -> str:
    found = re.search(r'<caption class="visually-hidden">([^<]*)</caption>', text)
    assert found
    return html.unescape(found[1])


def test_a_street_officer_sees_the_street_and_nothing_else(street_officer: Client) -> None:
    unit("甲小组", "990101001001")
    unit("丙小组", "990101002001")
    text = page(street_officer)
    assert names_in(text) == ["甲小组"]
    assert sentence(text) == "演示路街道 · 2026-06-15 在册 · 楼栋党小组"
    assert "甲社区" in text  # the place column reads as a name


def test_a_grid_is_named_with_its_community_where_the_page_is_wider(
    street_officer: Client, district_officer: Client
) -> None:
    grid = Grid.objects.get(code__startswith="990101001001")
    unit("甲小组", grid.code)
    long = f"甲社区 · {grid.name}"
    for part in ("", "print/", "text/"):
        assert long in street_officer.get(f"{URL}{part}").content.decode(), part
    exported = b"".join(street_officer.get(f"{URL}export.csv").streaming_content).decode()  # type: ignore[attr-defined]  # a file
    assert f"{long},{grid.code}" in exported
    assert long in page(district_officer)
    near = page(street_officer, "?place=990101001001")
    assert grid.name in near and long not in near


@pytest.mark.parametrize("place", ["990101002", "990101002001", "990101", "9", "abc", "990101009"])
def test_a_place_outside_ones_own_does_not_exist(street_officer: Client, place: str) -> None:
    assert street_officer.get(URL, {"place": place}).status_code == 404


def test_unknown_registers_and_strangers(district: None, street_officer: Client) -> None:
    assert street_officer.get("/desk/r/nothing/").status_code == 404
    assert Client().get(URL).status_code == 302  # signs in first


def test_filters_read_as_a_sentence_and_narrow(district_officer: Client) -> None:
    boss = unit("上级", "990101001001", kind="grid_party_branch")
    unit("甲小组", "990101001001", superior=boss.unit, document="中委〔2024〕1号", approved_by="街道")
    unit("乙小组", "990101001002", since=dt.date(2025, 3, 1))
    text = page(district_officer, "?place=990101001&superior=no&on=2026-05-01")
    assert sentence(text) == "演示路街道 · 2026-05-01 在册 · 没有上级的楼栋党小组"
    assert names_in(text) == ["乙小组"]
    assert names_in(page(district_officer, "?superior=yes")) == ["甲小组"]
    assert names_in(page(district_officer, "?document=〔2024〕")) == ["甲小组"]
    assert names_in(page(district_officer, "?since=2025-01-01")) == ["乙小组"]
    assert names_in(page(district_officer, "?area=990101001002")) == ["乙小组"]
    assert names_in(page(district_officer, "?approved=yes")) == ["甲小组"]
    assert names_in(page(district_officer, "?approved=no")) == ["乙小组"]
    assert names_in(page(district_officer, "?kind=building_party_group")) == ["甲小组", "乙小组"]
    assert names_in(page(district_officer, "?on=2024-06-01")) == ["甲小组"]


@pytest.mark.parametrize("query", ["on=2026-02-30", "on=2999-01-01"])
def test_a_day_that_cannot_be_is_answered_with_today(district_officer: Client, query: str) -> None:
    unit("甲小组", "990101001001")
    text = page(district_officer, f"?{query}")
    assert "下面按今天显示" in text and names_in(text) == ["甲小组"]


@pytest.mark.parametrize("typed", ["990101001002", "乙社区", "乙社区 990101001002", " 乙社区 "])
def test_a_place_filter_takes_a_code_or_a_name(district_officer: Client, typed: str) -> None:
    unit("甲小组", "990101001001")
    unit("乙小组", "990101001002")
    text = page(district_officer, f"?area={typed}")
    assert names_in(text) == ["乙小组"] and "在乙社区的" in sentence(text)
    assert 'value="乙社区 990101001002"' in text and 'data-picker-name="乙社区"' in text


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("丙社区", "在您的范围内没有叫“丙社区”的地方"),
        ("990101002001", "没有代码为 990101002001 的地方，或者不在您的范围内"),
        ("丙社区 990101002001", "不在您的范围内"),
        ("12345", "没有代码为 12345 的地方"),
        ("同名", "叫“同名”的地方不止一个，请填代码（如 990101001001、990101001002）"),
        ("<b>%00", "没有叫“&lt;b&gt;”的地方"),
    ],
)
def test_a_place_outside_ones_own_or_unclear_is_said(street_officer: Client, typed: str, says: str) -> None:
    Area.objects.filter(code__startswith="99010100100").exclude(level="street").update(name="同名")
    unit("甲小组", "990101001001")
    text = page(street_officer, f"?area={typed}")
    assert "条件“所在”没有使用" in text and says in text and names_in(text) == ["甲小组"]
    assert '<details class="more" open>' in text, "the field is in sight, with what was typed"


@pytest.mark.parametrize("query", ["superior=perhaps", "since=soon", "kind=x"])
def test_what_cannot_be_read_is_said_and_not_used(district_officer: Client, query: str) -> None:
    unit("甲小组", "990101001001")
    text = page(district_officer, f"?{query}")
    assert "看不懂" in text and names_in(text) == ["甲小组"]
    assert "<ul>" not in text.partition('class="notice warning"')[2].partition("</div>")[0], (
        "the rows are no reasons"
    )


def test_search_by_characters_pinyin_initials_and_code(district_officer: Client) -> None:
    unit("青泥小组", "990101001001", address="演示路 8 号")
    unit("葵英小组", "990101001002")
    for text in ["青泥", "qingni", "qnxz", "演示路 8", "990101001001"]:
        assert names_in(page(district_officer, f"?q={text}")) == ["青泥小组"], text
    assert "没有符合条件的记录" in page(district_officer, "?q=没有的")
    page(district_officer, "?q=%00'\"<script>")


def test_key_paging_walks_every_row_once_there_and_back(district_officer: Client) -> None:
    many(60, "990101001001")
    many(60, "990101002001")
    seen, url, pages = [], URL, []
    while url:
        text = district_officer.get(url).content.decode()
        pages.append((url, names_in(text)))
        seen += [(len(pages), name) for name in names_in(text)]
        found = re.search(r'rel="next" href="([^"]*)"', text)
        url = html.unescape(found[1]) if found else ""
    assert [len(names) for _url, names in pages] == [50, 50, 20]
    assert "共 120 条" in text
    back = re.search(r'rel="prev" href="([^"]*)"', text)
    assert back and names_in(district_officer.get(html.unescape(back[1])).content.decode()) == pages[1][1]
    assert 'rel="prev"' not in page(district_officer)


@pytest.mark.parametrize(
    "key", ["x", "W10", "eyJhIjoxfQ", "WyJhIl0", "W251bGwsbnVsbF0", "WyJhIiwiYiJd", "%00"]
)
def test_a_made_up_key_is_not_found(district_officer: Client, key: str) -> None:
    assert district_officer.get(URL, {"after": key}).status_code == 404


def test_a_page_reads_the_index_and_never_an_offset(district_officer: Client) -> None:
    many(60)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        text = page(district_officer)
        found = re.search(r'rel="next" href="([^"]*)"', text)
        assert found
        district_officer.get(html.unescape(found[1]))
    assert not any("OFFSET" in query["sql"] for query in queries)
    assert any(" > ('990101001001'" in query["sql"] for query in queries), (
        "a row comparison, which the index serves"
    )


def test_totals_are_exact_to_a_thousand(district_officer: Client) -> None:
    many(1000)
    assert "共 1,000 条" in page(district_officer)
    unit("又一个", "990101001001")
    assert "多于 1,000 条" in page(district_officer)


@pytest.mark.parametrize("rows", [0, 1, 50, 120])
def test_a_page_costs_the_same_whatever_its_rows(district_officer: Client, rows: int) -> None:
    """Signing in 2, the actor 4, the frame's trail and unread notices 2; the register itself at most 6."""
    many(rows)
    page(district_officer)
    with CaptureQueriesContext(connection) as queries:
        page(district_officer)
    own = [query["sql"] for query in queries if not _of_the_frame(query["sql"])]
    assert len(own) <= 6, own
    assert len(queries) <= 13, [query["sql"][:120] for query in queries]


def _of_the_frame(sql: str) -> bool:
    parts = (
        "authority_browsersession",
        "authority_account",
        'FROM "organisations_appointment',
        "people_person",
        "matters_notice",
        "kept_writes",
        'SELECT "organisations_unitversion"."unit_id" AS "unit_id", "organisations_unitversion"."place_code" AS',
    )
    return any(part in sql for part in parts)


def test_columns_are_chosen_and_remembered(district_officer: Client) -> None:
    unit("甲小组", "990101001001", document="文号一")
    assert "文号一" not in page(district_officer)
    answer = district_officer.post(
        f"{URL}columns/", {"column": ["name", "document"], "query": "place=990101001"}
    )
    assert answer["Location"] == f"{URL}?place=990101001"
    text = page(district_officer)
    assert "文号一" in text and "成立天数</th>" not in text
    district_officer.post(f"{URL}columns/", {})
    assert "成立天数</th>" in page(district_officer)


def test_personal_values_are_masked_everywhere(district_officer: Client) -> None:
    row = unit("甲小组", "990101001001", phone="0411-00001234")
    for address in [URL, f"{URL}print/", f"{URL}text/", f"{URL}export.csv", f"{URL}record/{row.pk}/"]:
        answer = district_officer.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert "****34" in body.decode() and "00001234" not in body.decode(), address


def test_the_panel_tells_the_record_and_its_history(street_officer: Client) -> None:
    row = unit("甲小组", "990101001001", document="文号一")
    actor = system_actor("演示")
    record(
        actor,
        Act(
            "organisations.rename",
            row.unit,
            changes={"name": ["旧名", "甲小组"], "document": [None, "文号一"]},
        ),
    )
    record(
        actor,
        Act(
            "organisations.change",
            row,
            changes={"kind": ["merchant", "building_party_group"], "phone": ["", ""]},
        ),
    )
    part = street_officer.get(f"{URL}record/{row.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and part.count("<h2") == 1
    assert "更名" in part and "旧名" in part and "文号一" in part
    assert "商户" in part, "codes of choices read as words"
    assert "/adjust/" in part
    assert "<html" in street_officer.get(f"{URL}record/{row.pk}/").content.decode()


def test_a_record_outside_does_not_exist(street_officer: Client, neighbour: Client) -> None:
    row = unit("甲小组", "990101001001")
    gone = unit("旧小组", "990101001001", until=dt.date(2025, 1, 1))
    assert neighbour.get(f"{URL}record/{row.pk}/").status_code == 404
    assert street_officer.get(f"{URL}record/{gone.pk}/").status_code == 404
    assert street_officer.get(f"{URL}record/{gone.pk}/?on=2024-06-01").status_code == 200
    assert street_officer.get(f"{URL}record/abc/").status_code == 404
    assert street_officer.get(f"{URL}record/99999999999999999999999/").status_code == 404


def test_text_for_a_chat_group(street_officer: Client) -> None:
    unit("甲小组", "990101001001")
    answer = street_officer.get(f"{URL}text/")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    lines = answer.content.decode().splitlines()
    assert lines[0] == "演示路街道 · 2026-06-15 在册 · 楼栋党小组"
    assert lines[2].startswith("1. 甲小组（地方：甲社区；类型：楼栋党小组；")
    part = street_officer.get(f"{URL}text/", headers={"HX-Request": "true"}).content.decode()
    assert 'data-copy="#text-to-copy"' in part


def test_print_and_empty(street_officer: Client) -> None:
    assert "由社区登记第一个党小组。" in page(street_officer)
    unit("甲小组", "990101001001")
    assert "甲小组" in street_officer.get(f"{URL}print/").content.decode()


def test_a_history_names_places(street_officer: Client) -> None:
    row = unit("甲小组", "990101001001")
    grid = Grid.objects.get(code__startswith="990101001001")
    changes = {"place_code": ["990101001002", grid.code], "places": f"{grid.code}、990101001"}
    record(system_actor("演示甲一"), Act("organisations.move", row, changes=changes))
    text = street_officer.get(f"{URL}record/{row.pk}/").content.decode()
    told = text.partition("变动记录")[2]
    assert f"甲社区 · {grid.name}" in told and "乙社区" in told and "演示路街道" in told
    assert grid.code not in told
