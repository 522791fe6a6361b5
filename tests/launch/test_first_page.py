"""Everybody of the demo cast meets a page of their own on the server that a newcomer starts."""

import pytest

from doorstep.demo.cast import CAST

AT_A_DESK = [member.username for member in CAST if member.post]


@pytest.mark.parametrize("username", AT_A_DESK)
def test_who_holds_a_post_lands_at_a_desk(page_for, username):
    page = page_for(username)
    answer = page.goto("/desk/")
    assert answer is not None
    assert (answer.status, page.url.rpartition("/desk/")[2]) == (200, "")


def test_one_click_signs_a_member_of_the_cast_in(desktop, live_server_on_demo):
    desktop.goto("/demo/")
    desktop.locator("form:has(input[value=district]) button").click()
    desktop.wait_for_load_state()
    answer = desktop.goto("/desk/cockpit/210202/")
    assert answer is not None
    assert answer.status == 200


def test_nobody_in_particular_finds_an_organisation_on_a_phone(phone):
    answer = phone.goto("/")
    assert answer is not None
    assert answer.status == 200
