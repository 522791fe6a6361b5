"""Notices of what is no matter: declared by a package, told to persons, read and sent beside those of matters."""

import datetime as dt
import json
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation
from django.utils.translation import get_language

from doorstep.kernel.matters import sending
from doorstep.kernel.matters.messages import ToldPerson, tell_persons
from doorstep.kernel.matters.models import Delivery, MessageChoice, Notice
from doorstep.kernel.matters.notices import line_of, lines_of, message_of
from doorstep.kernel.matters.own_data import _told
from doorstep.kernel.matters.selectors_notices import notices_for, shown, unread_count
from doorstep.kernel.matters.subjects import Subject, declare_subject
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.services import give_consent
from doorstep.launch import catalogue
from tests.matters import world as making
from tests.matters.offices import reachable
from tests.matters.test_notice_pages import signed_in
from tests.matters.test_sending import NIGHT, NOON
from tests.matters.world import SYSTEM, opened, step

UNIT, SLIP = "tests.unit", "tests.slip"  # things there are in the database, and things that are not
WORDS = {"zh-hans": "%s 的活动改期了。", "en": "The session of %s was moved."}


def lines_of_units(notices: list[Notice]) -> dict[int, str]:
    names = dict(Unit.objects.filter(pk__in={one.about_id for one in notices}).values_list("pk", "kind"))
    said = WORDS[get_language()]
    return {one.pk: said % f"<{names[one.about_id]}>" for one in notices if one.about_id in names}


declare_subject(Subject(UNIT, lines_of_units, lambda notice: f"/units/{notice.about_id}/"))
declare_subject(
    Subject(SLIP, lambda rows: {row.pk: f"凭证{row.about_id}" for row in rows}, lambda notice: "", "notices")
)


def told(world, role="resident", key="moved", about=UNIT, about_id=None, **more):
    number = world.committee.pk if about_id is None else about_id
    return ToldPerson(world.people[role].pk, about, number, key, **more)


@pytest.fixture
def sms(settings, tmp_path):
    settings.SMS_FILE = tmp_path / "sms" / "out.jsonl"
    return lambda: [json.loads(line)["text"] for line in settings.SMS_FILE.read_text().splitlines() if line]


def test_words_are_made_when_read_in_the_readers_language(world):
    (notice,) = tell_persons(SYSTEM, [told(world, due_at=NOON)])
    notice.refresh_from_db()
    assert (notice.matter_id, notice.about_id, notice.due_at) == (None, world.committee.pk, NOON)
    assert line_of(notice) == "<residents_committee> 的活动改期了。"
    with translation.override("en"):
        assert line_of(notice) == "The session of <residents_committee> was moved."


def test_never_to_the_actor_unless_asked_and_the_same_thing_once(world):
    both = [told(world), told(world, "worker"), told(world)]
    notices = tell_persons(world["worker"], both)
    assert [one.person_id for one in notices] == [world.people["resident"].pk]
    assert len(tell_persons(world["worker"], both, to_self=True)) == 2
    assert tell_persons(world["worker"], [told(world, "worker")]) == []


def test_once_skips_those_told_before_of_the_same_thing_alone(world):
    tell_persons(SYSTEM, [told(world)])
    told_again = [told(world), told(world, "worker"), told(world, key="cancelled"), told(world, about_id=7)]
    assert len(tell_persons(SYSTEM, told_again, once=True)) == 3
    assert tell_persons(SYSTEM, told_again, once=True) == []
    assert len(tell_persons(SYSTEM, told_again)) == 4


def test_an_undeclared_subject_is_the_programmers_mistake(world):
    with pytest.raises(RuntimeError, match=r"nobody declares tests\.unknown"):
        tell_persons(SYSTEM, [told(world, about="tests.unknown")])
    with pytest.raises(RuntimeError, match="declared twice"):
        declare_subject(Subject(UNIT, lambda rows: {}, lambda notice: ""))


@pytest.mark.parametrize("wrong", [{}, {"about": UNIT}, {"about_id": 1}, {"about": "", "about_id": 1}])
def test_a_notice_is_of_exactly_one_thing(world, wrong):
    matter, person = opened(world), world.people["resident"]
    with pytest.raises(IntegrityError, match="notice_of_one_thing"), transaction.atomic():
        Notice.objects.create(person=person, key="x", at=NOON, **wrong)
    with pytest.raises(IntegrityError, match="notice_of_one_thing"), transaction.atomic():
        Notice.objects.create(person=person, key="x", at=NOON, **{"matter": matter, "about": UNIT} | wrong)


def test_what_is_gone_is_said_to_be(world):
    notices = tell_persons(SYSTEM, [told(world, about_id=0)])
    Notice.objects.create(person=world.people["resident"], about="gone.package", about_id=1, key="x", at=NOON)
    notices += Notice.objects.filter(about="gone.package")
    assert set(lines_of(notices).values()) == {"这条通知说的事已经没有记录了。"}
    assert [line.url for line in shown(world["resident"], notices)] == ["/units/0/", ""]


def test_both_sorts_on_one_page_in_one_count_and_in_ones_own_data(world, settings):
    settings.DEMO = True
    matter = opened(world)
    step(world, "worker", matter, "accept")
    tell_persons(SYSTEM, [told(world)])
    assert unread_count(world["resident"]) == 2
    page = signed_in(world, "resident").get("/notices/").content.decode()
    assert f"您上报的 {matter.number}：接办。" in page
    link = f'<a href="/units/{world.committee.pk}/">&lt;residents_committee&gt; 的活动改期了。</a>'
    assert link in page and page.index("改期") < page.index("接办。")
    assert next(iter(_told(world.people["resident"])))["what"].endswith("改期了。")


@pytest.mark.parametrize("number", [1, 400])
def test_any_number_costs_the_same(world, number, django_assert_num_queries):
    reachable(world, "resident", "sms")
    many = [told(world, role, about_id=pk) for pk in range(number) for role in ("resident", "worker")]
    with django_assert_num_queries(1):  # notices with their deliveries
        tell_persons(SYSTEM, many)
    again = [told(world, role, about_id=pk) for pk in range(number + 1) for role in ("resident", "worker")]
    with django_assert_num_queries(3):  # and a lock, and who was told before
        assert len(tell_persons(SYSTEM, again, once=True)) == 2
    with django_assert_num_queries(2):
        assert tell_persons(SYSTEM, again, once=True) == []
    with django_assert_num_queries(0):
        assert tell_persons(SYSTEM, []) == []
    assert Delivery.objects.count() == number + 1
    with django_assert_num_queries(2):  # the page's notices, and what the subject asks
        assert len(shown(world["resident"], notices_for(world["resident"]))) == number + 1


def test_one_goes_out_as_a_sentence_and_several_as_a_digest(world, sms):
    reachable(world, "resident", "sms")
    tell_persons(SYSTEM, [told(world)])
    assert sending.send_due(NOON) == 1
    assert sms() == ["<residents_committee> 的活动改期了。"]
    matter = opened(world)
    step(world, "worker", matter, "accept")
    tell_persons(SYSTEM, [told(world, key="reminded"), told(world, key="cancelled")])
    assert sending.send_due(NOON) == 1
    assert sms()[-1] == f"您有 3 条新通知。其中有 {matter.number}的新进展。登录家门口可逐条查看。"
    assert Delivery.objects.filter(state=Delivery.SENT).count() == 4
    subject, text = message_of(list(Notice.objects.filter(matter__isnull=True)))
    assert (subject, text) == ("家门口：3 条新通知", "您有 3 条新通知。登录家门口可逐条查看。")
    catalogue.compile_catalogue()
    with translation.override("en"):
        subject, text = message_of(list(Notice.objects.all()))
    assert subject == "Doorstep: 4 new notices"
    assert text == (
        f"You have 4 new notices. Among them is news of {matter.number}. Sign in to Doorstep to read each."
    )


def test_they_wait_for_the_morning(world, sms):
    reachable(world, "resident", "sms")
    tell_persons(SYSTEM, [told(world)])
    assert sending.send_due(NIGHT) == 0
    assert Delivery.objects.get().state == Delivery.WAITING


def test_a_subject_with_a_purpose_of_its_own_needs_that_consent(world, sms):
    reachable(world, "resident", "sms")
    tell_persons(SYSTEM, [told(world, about=SLIP, about_id=1), told(world)])
    assert sending.send_due(NOON) == 1
    assert sms() == ["<residents_committee> 的活动改期了。"]
    assert set(Delivery.objects.values_list("state", "trouble")) == {("dropped", "not wanted"), ("sent", "")}
    give_consent(actor=SYSTEM, person=world.people["resident"], purpose="notices", given_by="书面")
    tell_persons(SYSTEM, [told(world, about=SLIP, about_id=2)])
    sending.send_due(NOON)
    assert sms()[-1] == "凭证2"


def test_told_by_two_at_the_same_moment_once(fresh_database):
    world = making.build()
    gate = threading.Barrier(4)

    def run() -> None:
        gate.wait(10)
        try:
            with transaction.atomic():
                tell_persons(SYSTEM, [told(world), told(world, "worker")], once=True)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Notice.objects.count() == 2 and not MessageChoice.objects.exists()


def test_they_are_forgotten_with_the_others(world):
    tell_persons(SYSTEM, [told(world)])
    Notice.objects.update(at=NOON - dt.timedelta(days=4000))
    assert sending.forget_old() == 1
