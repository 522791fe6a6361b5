"""The inbox and the page of a matter, as each of the cast: what waits, what may be done, and what is refused in words."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.test import Client

from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services import Inputs, NewMatter, apply_transition, open_matter
from tests.authority import cast
from tests.matters.world import set_limits
from tests.sign_in import client_of

GRID = cast.COMMUNITY + "001"


@pytest.fixture
def members(db, clock_fixed):
    cast.make_places()
    set_limits()
    return {
        role: cast.make_member(role)
        for role in ("grid_worker", "community_secretary", "street_officer", "department_officer", "outsider", "resident")
    }  # fmt: skip


@pytest.fixture
def matter(members) -> Matter:
    resident = members["resident"]
    worker = members["grid_worker"].actor
    return open_matter(
        actor=resident.actor,
        new=NewMatter(
            kind="request", place_code=GRID, title="楼道灯不亮", text="<b>三单元</b> 😀", source="phone",
            reporter_id=resident.person.pk, holder_id=worker.grants[0].unit_id,
        ),
    ).matter  # fmt: skip


def client(members, role: str) -> Client:
    return client_of(members[role].account)


def page(at: Client, address: str) -> str:
    answer = at.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_inbox_shows_what_waits(members, matter):
    shown = page(client(members, "grid_worker"), "/desk/matters/")
    assert matter.number in shown and "楼道灯不亮" in shown
    assert matter.number not in page(client(members, "outsider"), "/desk/matters/?box=place")
    assert "这一栏现在没有事" in page(client(members, "department_officer"), "/desk/matters/?box=asked")


def test_words_are_text_not_markup(members, matter):
    shown = page(client(members, "grid_worker"), f"/desk/matters/{matter.number}/")
    assert "&lt;b&gt;三单元&lt;/b&gt; 😀" in shown


@pytest.mark.parametrize("role", ["outsider", "department_officer", "resident"])
def test_outside_its_places_it_does_not_exist(members, matter, role):
    at = client(members, role)
    expected = 200 if role == "resident" else 404  # the reporter sees the own report
    assert at.get(f"/desk/matters/{matter.number}/").status_code == expected
    assert at.post(f"/desk/matters/{matter.number}/verify/", {"verify-version": 1}).status_code in (404, 422)
    assert Matter.objects.get(pk=matter.pk).state == "reported"


def test_from_taken_on_to_verified(members, matter):
    address = f"/desk/matters/{matter.number}/"
    worker, secretary = client(members, "grid_worker"), client(members, "community_secretary")
    assert worker.post(address + "accept/", {"accept-version": 1, "accept-note": "我来看"}).status_code == 302
    answer = worker.post(address + "handle/", {"handle-version": 2, "handle-note": ""})
    assert "给报告人的说明" in answer.content.decode() and answer.status_code == 422
    assert (
        worker.post(address + "handle/", {"handle-version": 2, "handle-note": "换了灯泡"}).status_code == 302
    )
    assert "核实并答复" not in page(worker, address)
    answer = secretary.post(address + "verify/", {"verify-version": 3, "verify-note": "灯亮了"})
    assert answer.status_code == 302
    assert Matter.objects.get(pk=matter.pk).state == "closed"
    assert "已结案" in page(secretary, address)


def test_a_stale_page_says_what_happened_and_keeps_the_words(members, matter):
    address = f"/desk/matters/{matter.number}/"
    apply_transition(actor=members["grid_worker"].actor, matter_id=matter.pk, name="accept")
    secretary = client(members, "community_secretary")
    answer = secretary.post(address + "reject/", {"reject-version": 1, "reject-note": "请打供电热线"})
    assert answer.status_code == 409 or "不能「不予受理」" in answer.content.decode()


def test_given_away_it_leads_back_to_the_inbox(members, matter):
    department = members["department_officer"].actor.grants[0].unit_id
    street = client(members, "street_officer")
    answer = street.post(
        f"/desk/matters/{matter.number}/dispatch/", {"dispatch-version": 1, "dispatch-unit_id": department}
    )
    assert answer.status_code == 302
    assert matter.number in page(client(members, "department_officer"), "/desk/matters/?box=asked")


def test_a_unit_outside_the_choices_is_refused(members, matter):
    outsider = members["outsider"].actor.grants[0].unit_id
    answer = client(members, "street_officer").post(
        f"/desk/matters/{matter.number}/dispatch/", {"dispatch-version": 1, "dispatch-unit_id": outsider}
    )
    assert answer.status_code == 422 and Matter.objects.get(pk=matter.pk).asked_id is None


def test_search_and_its_refusal(members, matter):
    at = client(members, "street_officer")
    assert matter.number in page(at, "/desk/matters/?box=all&q=楼道")
    assert "至少输入两个字" in page(at, "/desk/matters/?box=all&q=灯")
    signs = page(at, "/desk/matters/?box=all&q=%25%25")
    assert "请至少输入两个字" in signs and "含“%%”" not in signs
    assert matter.number in page(at, f"/desk/matters/?box=all&q={matter.number.lower()}")
    assert at.get("/desk/matters/?box=nothing").status_code == 404
    assert at.get("/desk/matters/?box=unit&after=9e99_3").status_code == 200


@pytest.mark.parametrize("box", ["all", "unit", "overdue"])
@pytest.mark.parametrize("after", ["_²", "²", "nan_1", "1_①", "1e400_3", "_" + "9" * 30])
def test_a_page_that_begins_nowhere_begins_at_the_start(members, matter, box, after):
    at = client(members, "community_secretary")
    page(at, f"/desk/matters/?{urlencode({'box': box, 'after': after})}")


def test_pages_cost_a_fixed_number_of_queries(members, matter, django_assert_max_num_queries):
    at = client(members, "street_officer")
    for number in range(20):
        resident = members["resident"]
        new = NewMatter(
            kind="request",
            place_code=GRID,
            title=f"第{number}件",
            source="phone",
            reporter_id=resident.person.pk,
        )
        open_matter(actor=resident.actor, new=new)
    with django_assert_max_num_queries(26):
        page(at, "/desk/matters/?box=place")
    apply_transition(
        actor=members["grid_worker"].actor, matter_id=matter.pk, name="accept", inputs=Inputs(note="来了")
    )
    with django_assert_max_num_queries(27):
        page(at, f"/desk/matters/{matter.number}/")
