"""One's own notices on the phone and at the desk."""

import pytest
from django.test import Client

from doorstep.kernel.authority.models import Account
from doorstep.kernel.matters.models import MessageChoice, Notice
from doorstep.kernel.matters.selectors_notices import shown, unread_count
from doorstep.kernel.matters.services_choices import read_notices
from tests.matters.offices import appoint_cast, reachable
from tests.matters.world import SYSTEM, opened, step

BACKEND = "doorstep.kernel.authority.backends.AccountBackend"


@pytest.fixture
def staffed(world, settings):
    settings.DEMO = True  # accounts of a demonstration need no second factor
    appoint_cast(world)
    return world


def signed_in(world, role) -> Client:
    client = Client()
    account, _new = Account.objects.get_or_create(
        person=world.people[role], defaults={"username": f"at_{role}", "is_demo": True}
    )
    client.force_login(account, backend=BACKEND)
    return client


def test_a_resident_reads_them_on_the_phone(staffed):
    matter = opened(staffed)
    step(staffed, "worker", matter, "accept", note="我来看看")
    client = signed_in(staffed, "resident")
    page = client.get("/notices/").content.decode()
    assert "phone-head" in page and "楼道灯不亮" in page and f"您上报的 {matter.number}：接办。" in page
    assert "我来看看" not in page and ">未读<" in page
    notice = Notice.objects.get(person=staffed.people["resident"])
    assert client.post("/notices/read/", {"notice": notice.pk}).status_code == 302
    assert unread_count(staffed["resident"]) == 0
    assert ">未读<" not in client.get("/notices/").content.decode()


def test_staff_read_them_at_the_desk_and_mark_all(staffed):
    for _ in range(3):
        opened(staffed)
    client = signed_in(staffed, "worker")
    page = client.get("/notices/").content.decode()
    assert "topbar" in page and page.count(">未读<") == 3
    client.post("/notices/read/", {"notice": ["x", "9" * 30]})
    assert unread_count(staffed["worker"]) == 0


def test_nobody_reads_or_marks_those_of_others(staffed):
    opened(staffed)
    others = list(Notice.objects.values_list("pk", flat=True))
    assert read_notices(actor=staffed["neighbour"], notice_ids=others) == 0
    assert read_notices(actor=SYSTEM) == 0 and unread_count(SYSTEM) == 0
    assert "还没有通知" in signed_in(staffed, "neighbour").get("/notices/").content.decode()
    assert Client().get("/notices/").status_code == 302


def test_a_matter_no_longer_theirs_shows_its_number_alone(staffed):
    matter = opened(staffed)
    step(staffed, "street", matter, "dispatch", unit_id=staffed.department.pk)
    step(staffed, "department", matter, "return", internal="不在职责内")
    (line,) = shown(staffed["department"], Notice.objects.filter(person=staffed.people["department"]))
    assert (line.title, line.matter_id) == ("", None) and matter.number in line.text


def test_choosing_on_the_page(staffed):
    client = signed_in(staffed, "resident")
    assert (
        "还没有登记您的电话"
        in client.post("/notices/choose/", {"channel": "sms", "wanted": "1"}, follow=True).content.decode()
    )
    Account.objects.all().delete()
    reachable(staffed, "resident")
    Account.objects.update(is_demo=True)
    client = signed_in(staffed, "resident")
    assert (
        "以后也用短信告诉您"
        in client.post("/notices/choose/", {"channel": "sms", "wanted": "1"}, follow=True).content.decode()
    )
    assert MessageChoice.objects.get().wanted
    client.post("/notices/choose/", {"channel": "sms", "wanted": "0"})
    assert not MessageChoice.objects.get().wanted
    assert client.get("/notices/read/").status_code == 405


def test_pages_cost_few_queries_whatever_their_number(staffed, django_assert_max_num_queries):
    for _ in range(25):
        opened(staffed)
    client = signed_in(staffed, "worker")
    client.get("/notices/")
    with django_assert_max_num_queries(22):
        assert client.get("/notices/").status_code == 200
