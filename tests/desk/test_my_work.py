"""My work for those who answer for no place: administrators, departments, property companies, merchants."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings as installed
from django.contrib.auth import get_user_model
from django.test import Client

from doorstep.kernel.audit.models import Checkpoint
from doorstep.kernel.audit.seal import seal_committed
from doorstep.kernel.audit.verify import Report, remember
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import clock
from doorstep.kernel.web.models import ImportJob

pytestmark = pytest.mark.usefixtures("demo_database")


@pytest.fixture(autouse=True)
def demo_is_on(settings: Any) -> None:
    settings.DEMO = True


def signed_in(username: str) -> Client:
    client = Client()
    account = get_user_model().objects.get(username=username)
    client.force_login(account, installed.AUTHENTICATION_BACKENDS[-1])
    return client


def work(username: str) -> str:
    answer = signed_in(username).get("/desk/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_locked_account_waits_for_the_security_administrator() -> None:
    account = get_user_model().objects.get(username="worker")
    assert "已锁定" not in work("secadmin")
    AccessAttempt.objects.create(
        username="worker", attempt_time=clock.now(), failures_since_start=installed.AXES_FAILURE_LIMIT
    )
    page = work("secadmin")
    assert "已锁定" in page and f'href="/desk/accounts/{account.pk}/"' in page
    assert "已锁定" not in work("sysadmin")


def test_staff_without_a_second_factor_are_listed_with_the_page_to_act() -> None:
    page = work("secadmin")
    assert "没有动态验证码" in page and "/desk/r/accounts/?second_factor=no" in page
    listed = signed_in("secadmin").get("/desk/r/accounts/?second_factor=no").content.decode()
    assert "worker" in listed and ">resident<" not in listed
    assert "没有动态验证码" not in work("auditor")


def test_an_account_left_open_after_its_office_ended() -> None:
    account = get_user_model().objects.get(username="worker")
    assert "已离任" not in work("sysadmin")
    Appointment.objects.filter(person_id=account.person_id).update(
        valid_from=clock.today() - dt.timedelta(9), valid_to=clock.today()
    )
    assert "已离任" in work("sysadmin")
    assert f'href="/desk/accounts/{account.pk}/"' in work("secadmin")


def test_people_in_office_without_an_account_wait_for_the_system_administrator() -> None:
    page = work("sysadmin")
    assert re.search(r"专职网格员：[\d,]+ 人在任，还没有账号", page) and 'href="/desk/accounts/new/"' in page


def test_the_auditor_sees_the_tail_and_the_last_verification() -> None:
    assert "审计封存链还没有核验过" in work("auditor") and "还没有封存" in work("auditor")
    seal_committed()
    assert Checkpoint.objects.exists()
    remember(Report())
    page = work("auditor")
    assert "上次" in page and "通过" in page and "还没有核验过" not in page
    assert "通过" in signed_in("auditor").get("/desk/audit/").content.decode()
    remember(Report(fault_count=1))
    assert "审计封存链有改动的痕迹" in work("auditor")


@pytest.mark.parametrize(
    ("username", "owns"), [("merchant", "商户"), ("property", "物业企业"), ("department", "区直部门")]
)
def test_ones_own_unit_and_what_one_can_do(username: str, owns: str) -> None:
    page = work(username)
    assert "我负责的" in page and owns in page and "可以看、可以办" in page
    client = signed_in(username)
    links = set(
        re.findall(r'<(?:a class="btn act"|a) href="(/[^"]+)"', page[page.index('<div class="work">') :])
    )
    assert len(links) >= 3
    for link in links:
        assert client.get(link.replace("&amp;", "&"), follow=True).status_code == 200, link


@pytest.mark.parametrize(
    "username", ["district", "street", "secretary", "worker", "department", "property", "merchant", "partner", "sysadmin",
                 "secadmin", "auditor", "training"],
)  # fmt: skip
def test_nobody_meets_an_empty_page(username: str) -> None:
    page = work(username)
    body = page[page.index('<div class="work">') : page.index("</main>")]
    assert re.search(r'href="/', body)


def test_a_resident_is_led_to_the_doorway() -> None:
    answer = signed_in("resident").get("/desk/")
    assert answer.status_code == 302 and answer.headers["Location"] == "/"


def test_an_import_that_waits_for_a_word() -> None:
    account = get_user_model().objects.get(username="district")
    ImportJob.objects.create(
        account_id=account.pk, register="places.grids", original_name="网格.xlsx", size=1, state="checked",
        created_at=clock.now(), updated_at=clock.now(), expires_at=clock.now() + dt.timedelta(days=1),
    )  # fmt: skip
    assert "网格.xlsx" in work("district") and "网格.xlsx" not in work("street")


def group_of(page: str, key: str) -> str:
    """The group of the page, with its heading and its links."""
    begin = page.index(f'id="group-{key}"')
    return page[begin : page.index("</section>", begin)]


def test_each_part_of_a_group_leads_to_all_of_it() -> None:
    page = work("training")
    group = group_of(page, "due") if 'id="group-due"' in page else group_of(page, "broken")
    links = [
        link.replace("&amp;", "&")
        for link in re.findall(r'<a href="(/[^"]+)"', group)
        if "kind=" in link or "place=" in link
    ]
    assert links
    for link in links:
        answer = signed_in("training").get(link)
        assert answer.status_code == 200, link
        assert re.search(r"共 [\d,]+ 处", answer.content.decode()), link


def test_breaks_of_two_places_on_one_page() -> None:
    client = signed_in("training")

    def total(*places: str) -> int:
        query = "&".join(f"place={code}" for code in places)
        page = client.get(f"/desk/chain/breaks/?{query}").content.decode()
        found = re.search(r"共 ([\d,]+) 处", page)
        return int(found[1].replace(",", "")) if found else 0

    communities = list(
        Area.objects.filter(level="community", code__startswith="210299").values_list("code", flat=True)
    )
    broken = [code for code in communities if total(code)][:2]
    assert len(broken) == 2 and total(*broken) == sum(total(code) for code in broken)
    assert client.get(f"/desk/chain/breaks/?place={broken[0]}&place=210202001").status_code == 404
