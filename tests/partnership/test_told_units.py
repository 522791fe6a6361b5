"""What a unit is told leads to its own page of it; what an office is told leads to the desk's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse

from doorstep.kernel.matters.models_messages import Notice
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


@pytest.mark.parametrize(("who", "on_phone"), [("partner", True), ("secretary", False)])
def test_pages_of_both_open_as_a_phone_s_for_a_unit(lists: Lists, who: str, on_phone: bool) -> None:
    own = reverse("partnership:unit", args=[lists.partners["partner"].pk])
    client = client_of(lists.district.accounts[who])
    for url in (own, "/notices/"):
        page = client.get(url).content.decode()
        assert ('class="phone-strip"' in page) is on_phone and ('class="topbar"' in page) is not on_phone
        assert ('<a class="way-up" href="/partner/">' in page) is on_phone, url


def test_the_unit_that_leads_is_told_that_it_leads(lists: Lists) -> None:
    lists.running(duties=[duty(lists.partner("second"))])
    told = {
        who: " ".join(line.text for line in shown(lists.actor(who), notices_for(lists.actor(who))))
        for who in ("partner", "second")
    }
    assert "请您单位牵头的" in told["partner"] and "协办" not in told["partner"]
    assert "您单位负责的" in told["second"] and "牵头" not in told["second"]
    assert (
        Notice.objects.filter(person=lists.district.people["second"], matter__kind="responsibility").count()
        == 1
    )
