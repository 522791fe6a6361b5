"""What a unit is told leads to its own page of it; what an office is told leads to the desk's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from doorstep.kernel.matters.own_pages import own_pages
from doorstep.kernel.matters.selectors_notices import notices_for, shown
from doorstep.kernel.shared import clock
from tests.partnership.lists_world import TODAY, Lists, build_lists, duty
from tests.sign_in import client_of


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    monkeypatch.setenv("DOORSTEP_TODAY", TODAY.isoformat())
    with clock.fixed(TODAY) as day:
        yield day


@pytest.fixture
def lists(db: None) -> Lists:
    return build_lists()


@pytest.mark.parametrize("who", ["partner", "second"])
def test_every_notice_of_a_unit_leads_to_its_page(lists: Lists, who: str) -> None:
    lists.running(duties=[duty(lists.partner("second"))])
    actor = lists.actor(who)
    lines = [line for line in shown(actor, notices_for(actor)) if line.notice.matter is not None]
    assert lines and all(line.url for line in lines), [(line.text, line.url) for line in lines]
    for url in {line.url for line in lines}:
        assert (
            url.startswith("/partner/")
            and client_of(lists.district.accounts[who]).get(url).status_code == 200
        )


def test_what_another_unit_does_has_no_page_for_this_one(lists: Lists) -> None:
    project = lists.running()
    stranger = lists.partner("stranger")
    assert stranger and own_pages(lists.actor("stranger"), {project.pk: "project"}) == {}
    assert own_pages(lists.actor("partner"), {project.pk: "project"}) == {
        project.pk: f"/partner/projects/{project.pk}/"
    }


def test_an_office_is_led_to_the_matter_at_its_desk(lists: Lists) -> None:
    lists.delivered()
    secretary = lists.actor("secretary")
    lines = [line for line in shown(secretary, notices_for(secretary)) if line.matter_id]
    assert lines
    client = client_of(lists.district.accounts["secretary"])
    assert (
        f'href="/desk/matters/{lines[0].notice.matter.number}/"' in client.get("/notices/").content.decode()
    )


def test_a_units_first_page_shows_what_it_has_in_hand(lists: Lists) -> None:
    project = lists.running(duties=[duty(lists.partner("second"))])
    first, second = (
        client_of(lists.district.accounts[who]).get("/partner/").content.decode()
        for who in ("partner", "second")
    )
    assert f'href="/partner/projects/{project.pk}/"' in first and "手上的项目和责任" in first
    assert f'href="/partner/duties/{project.responsibilities.get().pk}/"' in second
    assert f'href="/partner/projects/{project.pk}/"' not in second
