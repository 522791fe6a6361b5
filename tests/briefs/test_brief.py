"""The brief: our own words, figures that are their rows, for a place, a period and a comparison day."""

from __future__ import annotations

import datetime as dt
import json
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from docx import Document

from doorstep.kernel.access.actors import Actor, Grant, system_actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.indicators.addresses import rows_address
from doorstep.kernel.indicators.capabilities import VIEW
from doorstep.kernel.indicators.selectors import Figure
from doorstep.kernel.shared.errors import NotVisible
from doorstep.surfaces.briefs.builder import build_brief
from doorstep.surfaces.briefs.word import word_document

DISTRICT = "210202"
STATEMENTS = 8
pytestmark = pytest.mark.usefixtures("demo_database")
SYSTEM = system_actor("test")


@pytest.fixture(autouse=True)
def demo_on(settings: object) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]  # pytest-django's settings take any name


def client_of(username: str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(username=username))
    return client


def shown(brief_text: str) -> str:
    return brief_text.replace(",", "")


def test_the_district_reads_as_published() -> None:
    text = shown("\n".join(build_brief(SYSTEM, DISTRICT).lines()))
    for words in (
        "社区党组织 65 个", "网格党支部 547 个", "楼栋党小组 325 个", "党员中心户 436 户", "社区网格 715 个", "专职网格员 665 人",
    ):  # fmt: skip
        assert words in text
    assert "没有发现断点" in text


def test_a_community_has_its_own_figures_and_they_add_up() -> None:
    def branches(place: str) -> int:
        runs = (
            run
            for section in build_brief(SYSTEM, place).sections
            for line in section.paragraphs
            for run in line
        )
        return next(
            int(run.value or 0)
            for run in runs
            if isinstance(run, Figure) and run.key == "chain.grid_branches"
        )

    streets = [f"210202{serial:03}" for serial in range(1, 20)]
    known = [code for code in streets if _exists(code)]
    assert len(known) == 6
    assert sum(branches(code) for code in known) == branches(DISTRICT) == 547


def _exists(code: str) -> bool:
    from doorstep.kernel.places.models import Area

    return Area.objects.filter(code=code).exists()


def test_last_periods_figures_stand_behind() -> None:
    day = dt.date(2026, 6, 15)
    brief = build_brief(SYSTEM, DISTRICT, on=day, compared_on=dt.date(2025, 6, 15))
    runs = [
        run
        for section in brief.sections
        for line in section.paragraphs
        for run in line
        if isinstance(run, Figure)
    ]
    assert runs
    assert all(run.scope.on == day for run in runs)
    # the rest is loaded behind the platform once it is up
    assert all(run.previous is not None for run in runs if run.key.startswith(("chain.", "grids.")))
    assert "对比期（2023-01-01 至 2025-06-15）" in brief.note


@pytest.mark.parametrize("place", [DISTRICT, "210299", "210202005", "210202005011"])
def test_however_many_kinds_of_break_there_are_the_statements_are_the_same(
    place: str, django_assert_num_queries: Any
) -> None:
    """The name, the counts, the shares, what was never recorded, whether what is kept holds; and all kinds of break, with the neighbourhoods' own."""
    build_brief(SYSTEM, place, compared_on=dt.date(2025, 6, 15))
    with django_assert_num_queries(STATEMENTS):
        build_brief(SYSTEM, place, compared_on=dt.date(2025, 6, 15))


def test_what_it_was_before_opens_its_own_rows() -> None:
    client = client_of("training")
    query = "since=2026-01-01&on=2026-06-15&compare=2025-06-15&compare_since=2025-01-01"
    before = "/desk/figures/chain.grid_branches/?place=210299&on=2025-06-15&since=2025-01-01"
    page = client.get(f"/desk/brief/210299/?{query}").content.decode()
    assert f'href="{before.replace("&", "&amp;")}"' in page
    word = client.get(f"/desk/brief/210299/word/?{query}", headers={"host": "127.0.0.1:8000"})
    assert f"http://127.0.0.1:8000{before}" in links_of(Document(BytesIO(word.content)))


def links_of(document: Any) -> set[str]:
    return {link.address for paragraph in document.paragraphs for link in paragraph.hyperlinks}


def test_figures_of_the_word_file_open_their_rows(settings: Any) -> None:
    client = client_of("training")
    query = "since=2026-01-01&on=2026-06-15"
    word = client.get(f"/desk/brief/210299/word/?{query}", headers={"host": "127.0.0.1:8000"})
    addresses = links_of(Document(BytesIO(word.content)))
    brief = build_brief(SYSTEM, "210299", on=dt.date(2026, 6, 15), since=dt.date(2026, 1, 1))
    runs = [run for section in brief.sections for line in section.paragraphs for run in line]
    figures = [run for run in runs if isinstance(run, Figure)]
    assert len(figures) > 10
    for figure in figures:
        address = "http://127.0.0.1:8000" + rows_address(figure.key, figure.scope)
        assert address in addresses
        assert client.get(address.removeprefix("http://127.0.0.1:8000"), follow=True).status_code == 200
    assert {f"http://127.0.0.1:8000{brief.breaks_address(item)}" for item in brief.breaks} <= addresses
    settings.PUBLIC_ADDRESS = "https://doorstep.example"
    word = client.get(f"/desk/brief/210299/word/?{query}")
    assert all(
        link.startswith("https://doorstep.example/desk/")
        for link in links_of(Document(BytesIO(word.content)))
    )


def test_without_an_address_the_word_file_has_no_links() -> None:
    assert links_of(Document(BytesIO(word_document(build_brief(SYSTEM, "210299"))))) == set()


def test_the_training_district_says_its_breaks() -> None:
    brief = build_brief(SYSTEM, "210299")
    assert brief.breaks_total >= 5
    assert all(item.finding.clause for item in brief.breaks)
    assert f"断点 {brief.breaks_total} 处" in brief.breaks_line


def test_word_has_the_page_s_words() -> None:
    brief = build_brief(SYSTEM, DISTRICT, compared_on=dt.date(2025, 6, 15))
    document = Document(BytesIO(word_document(brief)))
    lines = [paragraph.text for paragraph in document.paragraphs]
    assert lines[0] == brief.title
    assert lines[-1] == brief.note
    assert any("网格党支部 547（2025-06-15：" in line for line in lines)


def test_outside_ones_places_there_is_no_brief() -> None:
    officer = Actor(1, 1, "街道", (Grant("street_officer", 1, ("210202001",), frozenset({VIEW})),))
    build_brief(officer, "210202001")
    for place in ("210202", "210202002", "999999"):
        with pytest.raises(NotVisible):
            build_brief(officer, place)


def test_the_page_opens_rows_and_gives_the_file() -> None:
    client = client_of("district")
    answer = client.get(f"/desk/brief/{DISTRICT}/?since=2026-01-01&on=2026-06-15&compare=2026-05-15")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "/desk/figures/chain.grid_branches/?place=210202&amp;on=2026-06-15&amp;since=2026-01-01" in text
    word = client.get(f"/desk/brief/{DISTRICT}/word/?since=2026-01-01&on=2026-06-15")
    assert word.status_code == 200
    assert Document(BytesIO(word.content)).paragraphs[0].text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("since=2026-07-01&on=2026-06-15", "起始日在截止日之后"),
        ("on=2026-02-30", "1949-10-01 到今天"),
        ("on=2026-06-15&compare=2026-06-15", "对比期的最后一天要早于截止日"),
        ("on=2026-06-15&compare=&compare_since=2026-01-01", "请写对比期的最后一天"),
        ("on=2026-06-15&compare=2026-05-15&compare_since=2026-05-16", "对比期的第一天要在最后一天"),
        ("on=9999-12-31", "到今天"),
        ("since=0001-01-01", "1949-10-01"),
        ("on=2026-06-16", "到今天"),
    ],
)
def test_impossible_days_are_said_and_nothing_breaks(query: str, words: str) -> None:
    answer = client_of("district").get(f"/desk/brief/{DISTRICT}/?{query}")
    page = answer.content.decode()
    assert words in page and "下面按今天显示" in page and "截至 2026-06-15" in page
    word = client_of("district").get(f"/desk/brief/{DISTRICT}/word/?{query}", follow=True)
    assert words in word.content.decode()


def test_the_command_prints_and_writes(tmp_path: Path) -> None:
    out = StringIO()
    call_command("brief", place=DISTRICT, format="json", stdout=out)
    data = json.loads(out.getvalue())
    assert {"key": "chain.building_groups", "value": 325, "previous": None} in data["figures"]
    call_command("brief", place=DISTRICT, format="docx", output=tmp_path / "brief.docx", stdout=StringIO())
    assert Document(str(tmp_path / "brief.docx")).paragraphs
    with pytest.raises(CommandError, match="--output"):
        call_command("brief", place=DISTRICT, format="docx", stdout=StringIO())
    with pytest.raises(CommandError, match="999999"):
        call_command("brief", place="999999", stdout=StringIO())
