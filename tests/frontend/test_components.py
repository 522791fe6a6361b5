"""Components say what they are told, and never more than is known."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client, RequestFactory, override_settings

import doorstep
from doorstep.kernel.web.figures import FigureView, number_text, sparkline

PACKAGE = Path(doorstep.__file__).resolve().parent


def view(**changes: Any) -> FigureView:
    known: dict[str, Any] = {
        "key": "branches", "label": "网格党支部", "value": 547, "unit": "个", "as_of": dt.date(2026, 6, 15),
        "rows_url": "/desk/figures/branches", "trend": (540, 547), "before": 545, "before_name": "上月",
        "recorded_by": "街道党工委登记后，这里就有数字。",
    }  # fmt: skip
    return FigureView(**(known | changes))


def drawn(shown: FigureView) -> str:
    return Template("{% load doorstep %}{% figure shown %}").render(Context({"shown": shown}))


def test_a_figure_links_to_its_rows_and_says_its_day() -> None:
    markup = drawn(view())
    assert 'href="/desk/figures/branches"' in markup
    assert "截至 2026-06-15" in markup
    assert "比上月多 2 个" in markup


def test_an_unknown_figure_is_not_a_zero_and_says_who_would_record_it() -> None:
    markup = drawn(view(value=None, trend=()))
    assert "还没有记录" in markup and "街道党工委登记后，这里就有数字。" in markup
    assert ">0<" not in markup and "<a " not in markup


def test_a_true_zero_is_a_zero() -> None:
    assert ">0</a>" in drawn(view(value=0, before=None))


@pytest.mark.parametrize(
    ("value", "before", "words"),
    [
        (3, 3, "与上月持平"),
        (3, 5, "比上月少 2 个"),
        (3, None, ""),
        (None, 3, ""),
        (1.5, 1, "比上月多 0.5 个"),
    ],
)
def test_change_in_words(value: float | None, before: float | None, words: str) -> None:
    assert view(value=value, before=before).change_words == words


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (1234, "1,234"), (1234.5, "1,234.5"), (0.005, "0.01"), (-1200, "-1,200")]
)
def test_numbers_for_reading(value: float, text: str) -> None:
    assert number_text(value) == text


def test_a_trend_breaks_where_a_period_has_no_records() -> None:
    drawing = sparkline([1, 2, None, 4, 5])
    assert drawing is not None
    assert len(drawing.lines) == 2
    assert "—" in drawing.words


def test_no_trend_of_one_period() -> None:
    assert sparkline([None, 3, None]) is None


def test_a_level_trend_is_a_level_line() -> None:
    drawing = sparkline([7, 7, 7])
    assert drawing is not None
    assert {point.split(",")[1] for point in drawing.lines[0].split()} == {"14.0"}


def test_chips_and_sorting_keep_the_rest_of_the_address() -> None:
    request = RequestFactory().get("/list", {"on": "2026-06-15", "page": "3"})
    source = '{% load doorstep %}{% address_with page=None sort="name" %}'
    assert Template(source).render(Context({"request": request})) == "?on=2026-06-15&amp;sort=name"


def test_templates_have_no_inline_script_or_style() -> None:
    wrong = []
    for path in PACKAGE.glob("**/templates/**/*.html"):
        text = path.read_text(encoding="utf-8")
        if "<style" in text or ' style="' in text or " onclick=" in text or "<script>" in text:
            wrong.append(str(path.relative_to(PACKAGE)))
    assert not wrong


def test_colours_stand_in_the_file_of_tokens_alone() -> None:
    frontend = PACKAGE / "frontend"
    wrong = [
        path.name
        for path in [*frontend.glob("*.css"), *frontend.glob("styles/*.css")]
        if path.name != "tokens.css" and re.search(r"#[0-9a-fA-F]{6}\b", path.read_text(encoding="utf-8"))
    ]
    assert not wrong


@pytest.mark.urls("tests.frontend.gallery")
class TestErrorPages:
    def test_a_missing_page_offers_a_way_on(self) -> None:
        answer = Client().get("/missing")
        assert answer.status_code == 404
        assert "没有找到这个页面" in answer.content.decode() and 'href="/"' in answer.content.decode()

    def test_a_failure_says_that_nothing_changed(self) -> None:
        answer = Client(raise_request_exception=False).get("/broken")
        assert answer.status_code == 500
        assert "已有的记录没有变" in answer.content.decode()


@pytest.mark.urls("tests.frontend.gallery")
class TestPreferences:
    def test_large_type_is_kept_and_taken_back(self) -> None:
        client = Client()
        answer = client.post("/preferences/type/", {"large": "1", "next": "/phone"})
        assert answer.headers["Location"] == "/phone"
        assert 'class="large-type"' in client.get("/phone").content.decode()
        client.post("/preferences/type/", {"large": "0", "next": "/phone"})
        assert 'class="large-type"' not in client.get("/phone").content.decode()

    def test_it_never_leads_to_another_site(self) -> None:
        answer = Client().post("/preferences/type/", {"large": "1", "next": "https://example.org/"})
        assert answer.headers["Location"] == "/"

    @override_settings(DEMO=True)
    def test_the_demo_says_so_on_every_page(self) -> None:
        assert "演示数据" in Client().get("/phone").content.decode()

    def test_elsewhere_nothing_says_demo(self) -> None:
        assert "演示数据" not in Client().get("/phone").content.decode()
