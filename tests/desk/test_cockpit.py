"""The cockpit: one place, its figures, its map and its breaks, for whoever answers for it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from doorstep.kernel.access.actors import ANONYMOUS, Actor, Grant
from doorstep.kernel.authority.models import Account
from doorstep.kernel.declarations.findings import Finding
from doorstep.kernel.declarations.indicators import Indicator
from doorstep.kernel.declarations.work import WorkItem, WorkProvider
from doorstep.kernel.indicators.capabilities import VIEW
from doorstep.kernel.places.models import Area, Grid, Outline
from doorstep.kernel.shared.names import name_keys
from doorstep.surfaces.desk import views
from doorstep.surfaces.desk.waiting import clock_words

DAY = dt.date(2026, 6, 15)
DISTRICT, STREET, OTHER_STREET = "990101", "990101001", "990101002"
COMMUNITY = "990101001001"
GRIDS = Indicator(
    key="test.grids", name="网格", unit="个", kind="stock", chapter="3 services", clause="x", headline=True,
    rows=lambda scope: Grid.objects.in_force(scope.on), place_field="code", who_records="区里登记后，这里就有数字。",
)  # fmt: skip
STARTED = Indicator(
    key="test.started", name="新划网格", unit="个", kind="flow", chapter="3 services", clause="x",
    rows=lambda scope: Grid.objects.filter(valid_from__gte=scope.since, valid_from__lte=scope.on),
    place_field="code",
)  # fmt: skip
NAMELESS = Finding(
    key="test.nameless", name="网格没有名称", clause="x", rows=lambda on: Grid.objects.in_force(on).filter(name=""),
    subject=str, mend=lambda row: "/", place_field="code", severity="serious",
)  # fmt: skip


@pytest.fixture
def district(db: None, clock_fixed: dt.date, monkeypatch: pytest.MonkeyPatch) -> None:
    """Street 001 with communities 001 (3 grids, one of them nameless) and 002 (1 grid); street 002 without grids."""
    monkeypatch.setattr(
        "doorstep.kernel.declarations.indicators._indicators", {item.key: item for item in (GRIDS, STARTED)}
    )
    monkeypatch.setattr("doorstep.kernel.declarations.findings._findings", {NAMELESS.key: NAMELESS})
    monkeypatch.setattr("doorstep.kernel.declarations.work._providers", {})
    for code, level in [
        (DISTRICT, "county"), (STREET, "street"), (OTHER_STREET, "street"), (COMMUNITY, "community"),
        (f"{STREET}002", "community"), (f"{OTHER_STREET}001", "community"),
    ]:  # fmt: skip
        length = {"street": 6, "community": 9}.get(level, 0)
        parent = code[:length] or None
        Area.objects.create(
            code=code, level=level, edition=2023, parent_id=parent, **name_keys(f"演示{code[6:]}区")
        )
    for number, community in enumerate([COMMUNITY, COMMUNITY, COMMUNITY, f"{STREET}002"], start=1):
        Grid.objects.create(
            code=f"{community}{number:03}", community_id=community, name=f"第{number}网格" if number != 2 else "",
            valid_from=dt.date(2026, 1, 1),
        )  # fmt: skip
    for code, west in [(STREET, 121.6), (OTHER_STREET, 121.7), (COMMUNITY, 121.6)]:
        ring = [[west, 38.9], [west + 0.1, 38.9], [west + 0.1, 39.0], [west, 38.9]]
        Outline.objects.create(
            place_code=code, geometry={"type": "Polygon", "coordinates": [ring]}, west=west, south=38.9,
            east=west + 0.1, north=39.0, illustrative=True, source="示意", valid_from=dt.date(2026, 1, 1),
        )  # fmt: skip


def officer(*places: str) -> Actor:
    return Actor(1, name="演示甲一", grants=(Grant("street_officer", 1, places, frozenset({VIEW})),))


def ask(actor: Actor, address: str) -> HttpResponse:
    request: Any = RequestFactory().get(address)
    request.actor = actor
    request.user = Account(username="x") if actor is not ANONYMOUS else AnonymousUser()
    match = resolve(address.partition("?")[0])
    request.resolver_match = match
    view: Callable[..., HttpResponse] = match.func
    return view(request, *match.args, **match.kwargs)


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def features(actor: Actor, address: str) -> dict[str, Any]:
    return {
        feature["properties"]["code"]: feature["properties"]
        for feature in json.loads(ask(actor, address).content)["features"]
    }


@pytest.mark.usefixtures("district")
class TestCockpit:
    def test_it_shows_the_place_its_figure_and_its_parts(self) -> None:
        page = text(ask(officer(DISTRICT), f"/desk/cockpit/{DISTRICT}/"))
        assert "<h1>演示区</h1>" in page
        assert ">4</" in page
        assert f'href="/desk/cockpit/{STREET}/?indicator=test.grids' in page

    def test_a_click_on_a_place_keeps_figure_and_day(self) -> None:
        address = f"/desk/cockpit/{DISTRICT}/map.geojson?indicator=test.started&on=2026-03-01"
        href = features(officer(DISTRICT), address)[STREET]["href"]
        assert href == f"/desk/cockpit/{STREET}/?indicator=test.started&on=2026-03-01"

    def test_fifteen_queries_at_most_with_those_of_signing_in(self) -> None:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            ask(officer(DISTRICT), f"/desk/cockpit/{DISTRICT}/")
        assert len(queries) <= 10  # session, account, person, appointments and their places make five more

    def test_the_day_scopes_every_number(self) -> None:
        page = text(ask(officer(DISTRICT), f"/desk/cockpit/{DISTRICT}/?on=2025-12-31"))
        assert "截至 2025-12-31" in page
        assert ">4</" not in page

    def test_a_day_to_come_is_today(self) -> None:
        assert f'value="{DAY}"' in text(ask(officer(DISTRICT), f"/desk/cockpit/{DISTRICT}/?on=2099-01-01"))

    def test_breaks_are_counted_by_kind_with_their_clause(self) -> None:
        page = text(ask(officer(DISTRICT), f"/desk/cockpit/{DISTRICT}/"))
        assert "网格没有名称" in page and "1 处" in page

    def test_without_choice_the_map_shows_a_figure_in_which_places_differ(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        level = replace(GRIDS, key="test.level", name="处处一样", rows=lambda scope: Grid.objects.none())
        declared = {item.key: item for item in (level, GRIDS)}
        monkeypatch.setattr("doorstep.kernel.declarations.indicators._indicators", declared)
        page = text(ask(officer(DISTRICT), f"/desk/cockpit/{DISTRICT}/"))
        assert '<option value="test.grids" selected>' in page

    def test_what_is_recorded_above_the_level_of_the_map_is_said(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        areas = replace(
            GRIDS, key="test.areas", name="社区", rows=lambda scope: Area.objects.filter(level="community")
        )
        monkeypatch.setattr("doorstep.kernel.declarations.indicators._indicators", {areas.key: areas})
        page = text(ask(officer(DISTRICT), f"/desk/cockpit/{COMMUNITY}/?indicator=test.areas"))
        assert "另有 1 个记在上一级" in page

    def test_what_nobody_ever_recorded_is_unknown_everywhere(self, monkeypatch: pytest.MonkeyPatch) -> None:
        never = replace(GRIDS, key="test.never", rows=lambda scope: Grid.objects.none())
        monkeypatch.setattr("doorstep.kernel.declarations.indicators._indicators", {never.key: never})
        found = features(officer(DISTRICT), f"/desk/cockpit/{DISTRICT}/map.geojson?indicator=test.never")
        assert {part["value"] for part in found.values()} == {None}
        assert "区里登记后，这里就有数字。" in text(ask(officer(DISTRICT), f"/desk/cockpit/{DISTRICT}/"))

    def test_a_grid_has_figures_and_no_map(self) -> None:
        page = text(ask(officer(DISTRICT), f"/desk/cockpit/{COMMUNITY}001/"))
        assert "data-map" not in page and "网格之下不再分图" in page

    @pytest.mark.parametrize(
        "code", [DISTRICT, OTHER_STREET, f"{OTHER_STREET}001", "21", "210202", "99010", "abc"]
    )
    def test_another_place_does_not_exist(self, code: str) -> None:
        for address in (f"/desk/cockpit/{code}/", f"/desk/cockpit/{code}/map.geojson?indicator=test.grids"):
            with pytest.raises(Http404):
                ask(officer(STREET), address)

    def test_the_trail_links_only_to_own_places(self) -> None:
        page = text(ask(officer(STREET), f"/desk/cockpit/{COMMUNITY}/"))
        assert f'href="/desk/cockpit/{STREET}/"' in page
        assert f'href="/desk/cockpit/{DISTRICT}/"' not in page

    def test_without_signing_in_one_is_sent_to_sign_in(self) -> None:
        assert ask(ANONYMOUS, f"/desk/cockpit/{DISTRICT}/").status_code == 302


@pytest.mark.usefixtures("district")
class TestMap:
    def test_each_part_has_its_value_and_says_that_its_outline_is_illustrative(self) -> None:
        found = features(officer(DISTRICT), f"/desk/cockpit/{DISTRICT}/map.geojson?indicator=test.grids")
        assert {code: part["value"] for code, part in found.items()} == {STREET: 4, OTHER_STREET: 0}
        assert all(part["illustrative"] for part in found.values())
        assert found[STREET]["value_text"] == "4 个"

    def test_a_district_can_be_divided_into_communities(self) -> None:
        found = features(
            officer(DISTRICT), f"/desk/cockpit/{DISTRICT}/map.geojson?indicator=test.grids&by=community"
        )
        assert {code: part["value"] for code, part in found.items()} == {COMMUNITY: 3}

    def test_an_unknown_figure_colours_nothing(self) -> None:
        assert not features(officer(DISTRICT), f"/desk/cockpit/{DISTRICT}/map.geojson?indicator=no.such")


@pytest.mark.usefixtures("district")
class TestWork:
    def items(self, actor: Actor, today: dt.date, limit: int) -> tuple[list[WorkItem], int]:
        item = WorkItem(
            title="第一支部任期届满", place_code=COMMUNITY, place_name="演示社区", url="/x", action="安排换届",
            due=today + dt.timedelta(days=3),
        )  # fmt: skip
        return [item], 7

    def test_it_says_what_waits_how_much_and_by_when(self, monkeypatch: pytest.MonkeyPatch) -> None:
        provider = WorkProvider(key="test.terms", name="任期", group="due", items=self.items)
        monkeypatch.setattr("doorstep.kernel.declarations.work._providers", {provider.key: provider})
        page = text(ask(officer(COMMUNITY), "/desk/"))
        assert "第一支部任期届满" in page and "还有 3 天" in page and "7 件" in page and "安排换届" in page

    def test_a_quiet_day_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("doorstep.kernel.declarations.work._providers", {})
        page = text(ask(officer(OTHER_STREET), "/desk/"))
        assert "今天没有等您办的事" in page and f'href="/desk/cockpit/{OTHER_STREET}/"' in page

    def test_figures_are_those_of_ones_own_place(self) -> None:
        page = text(ask(officer(COMMUNITY), f"/desk/?place={OTHER_STREET}"))
        assert "打开驾驶舱" not in page

    def test_it_is_for_people_with_a_post(self) -> None:
        assert ask(Actor(1, name="演示居民"), "/desk/").headers["Location"] == "/"


@pytest.mark.parametrize(
    ("days", "clock", "words"),
    [
        (-3, "late", "已过 3 天"),
        (0, "soon", "今天到期"),
        (7, "soon", "还有 7 天"),
        (8, "", "还有 8 天"),
        (None, "", ""),
    ],
)
def test_a_clock_says_the_time_left_in_words(days: int | None, clock: str, words: str) -> None:
    due = None if days is None else DAY + dt.timedelta(days=days)
    assert clock_words(due, DAY) == (clock, words)


def test_the_home_of_the_cockpit_is_ones_first_place() -> None:
    request: Any = RequestFactory().get("/desk/cockpit/")
    request.user = Account(username="x")
    request.actor = officer(STREET, OTHER_STREET)
    assert views.cockpit_home(request).headers["Location"] == f"/desk/cockpit/{STREET}/"
