"""Messages outside: by choice and consent, a few an hour, quiet at night, exactly once as far as anybody can."""

import datetime as dt
import json
import threading
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection

from doorstep.kernel.matters import sending
from doorstep.kernel.matters.hearers import Told
from doorstep.kernel.matters.messages import announce
from doorstep.kernel.matters.models import Delivery, MessageChoice, Notice
from doorstep.kernel.matters.providers import FileProvider, Message
from doorstep.kernel.matters.services_choices import PURPOSE, choose_message
from doorstep.kernel.people.selectors import has_consent
from doorstep.kernel.people.services import withdraw_consent
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation
from tests.matters import world as making
from tests.matters.offices import reachable
from tests.matters.world import SYSTEM, opened, step

NOON = dt.datetime(2026, 6, 15, 4, tzinfo=dt.UTC)
NIGHT = dt.datetime(2026, 6, 15, 15, tzinfo=dt.UTC)  # eleven in the evening
PHONE = "13900000001"


class Failing:
    """A gateway that is down."""

    def send(self, message: Message) -> None:
        raise ConnectionError(f"cannot reach {message.to}")


class DyingAfterwards(FileProvider):
    """The sender's process ends after the gateway took the message and before that is written down."""

    def send(self, message: Message) -> None:
        super().send(message)
        if not message.again:
            raise KeyboardInterrupt


@pytest.fixture
def sms(settings, tmp_path):
    settings.SMS_FILE = tmp_path / "sms" / "out.jsonl"
    return lambda: [json.loads(line) for line in settings.SMS_FILE.read_text().splitlines() if line]


def heard(world, matter, times=1, key="remark"):
    for _ in range(times):
        announce(SYSTEM, [Told(matter=matter, key=key, parts=("reporter",))])


def test_nothing_goes_out_unasked(world, sms):
    step(world, "worker", opened(world), "accept")
    assert Notice.objects.exists() and not Delivery.objects.exists()


def test_sms_goes_to_the_file_and_the_phone_nowhere_else(world, sms, caplog):
    reachable(world, "resident", "sms")
    matter = opened(world)
    step(world, "worker", matter, "accept", note="我来看看")
    assert sending.send_due() == 1
    (line,) = sms()
    assert line["to"] == PHONE and matter.number in line["text"] and "我来看看" not in line["text"]
    assert Delivery.objects.get().state == Delivery.SENT
    assert PHONE not in caplog.text and PHONE not in str(Delivery.objects.values())
    assert PHONE not in repr(Message(uuid4(), PHONE, "", ""))
    assert sending.send_due() == 0 and len(sms()) == 1


def test_email_goes_through_djangos_backend_with_a_number_of_its_own(world):
    reachable(world, "resident", "email")
    step(world, "worker", opened(world), "accept")
    assert sending.send_due() == 1
    (message,) = mail.outbox
    assert message.to == ["resident@example.org"]
    assert str(Delivery.objects.get().key) in message.extra_headers["Message-ID"]


def test_the_choice_is_a_consent_and_ending_it_ends_it(world):
    person = world.people["resident"]
    reachable(world, "resident", "sms", "email")
    assert has_consent(person.pk, PURPOSE)
    choose_message(actor=world["resident"], channel="sms", wanted=False)
    assert has_consent(person.pk, PURPOSE)
    choose_message(actor=world["resident"], channel="email", wanted=False)
    assert not has_consent(person.pk, PURPOSE)


def test_a_choice_needs_an_address_and_a_person(world):
    with pytest.raises(RuleViolation, match="电话"):
        choose_message(actor=world["neighbour"], channel="sms", wanted=True)
    with pytest.raises(RuleViolation, match="邮箱"):
        choose_message(actor=world["neighbour"], channel="email", wanted=True)
    with pytest.raises(RuleViolation, match="没有这种"):
        choose_message(actor=world["neighbour"], channel="pigeon", wanted=True)
    with pytest.raises(NotAllowed):
        choose_message(actor=SYSTEM, channel="sms", wanted=True)


def test_a_consent_withdrawn_meanwhile_is_heeded(world, sms):
    reachable(world, "resident", "sms")
    step(world, "worker", opened(world), "accept")
    withdraw_consent(actor=world["resident"], person=world.people["resident"], purpose=PURPOSE)
    assert sending.send_due() == 0
    assert Delivery.objects.get().state == Delivery.DROPPED


def test_what_waits_together_is_one_message(world, sms):
    reachable(world, "resident", "sms")
    matters = [opened(world) for _ in range(5)]
    for matter in matters:
        heard(world, matter)
    assert sending.send_due(NOON) == 1
    (line,) = sms()
    assert "5 条新进展" in line["text"] and matters[0].number in line["text"] and "等" in line["text"]


def test_more_than_a_few_within_an_hour_wait_and_go_as_one(world, sms, settings):
    reachable(world, "resident", "sms")
    matter = opened(world)
    for minute in range(10):
        heard(world, matter)
        sending.send_due(NOON + dt.timedelta(minutes=minute))
    assert len(sms()) == settings.MESSAGES_AN_HOUR == 3
    assert sending.send_due(NOON + dt.timedelta(minutes=59)) == 0
    assert sending.send_due(NOON + dt.timedelta(minutes=60)) == 1
    assert "7 条新进展" in sms()[-1]["text"]
    assert not Delivery.objects.exclude(state=Delivery.SENT).exists()


def test_quiet_at_night_except_for_emergencies(world, sms):
    reachable(world, "resident", "sms")
    calm, urgent = opened(world), opened(world, urgency="emergency")
    heard(world, calm)
    heard(world, urgent)
    assert sending.send_due(NIGHT) == 1
    assert urgent.number in sms()[0]["text"]
    morning = dt.datetime(2026, 6, 15, 23, tzinfo=dt.UTC)  # seven in the morning
    assert Delivery.objects.get(state=Delivery.WAITING).not_before == morning
    assert sending.send_due(morning - dt.timedelta(seconds=1)) == 0
    assert sending.send_due(morning) == 1


@pytest.mark.parametrize(
    ("hour", "quiet"), [(22, True), (23, True), (3, True), (6, True), (7, False), (21, False)]
)
def test_quiet_hours(hour, quiet):
    at = dt.datetime(2026, 6, 15, hour, 30, tzinfo=clock.DISTRICT_ZONE)
    until = sending.quiet_until(at)
    assert (until is not None) == quiet
    if until is not None:
        assert until.hour == 7 and dt.timedelta() < until - at < dt.timedelta(hours=9)


def test_a_gateway_that_is_down_is_tried_again_ever_later_and_then_given_up(world, sms, settings, caplog):
    settings.SMS_PROVIDER = f"{__name__}.Failing"
    reachable(world, "resident", "sms")
    heard(world, opened(world))
    at, pauses = NOON, []
    for _ in range(settings.MESSAGE_ATTEMPTS):
        assert sending.send_due(at) == 0
        row = Delivery.objects.get()
        pauses.append(int((row.not_before - at).total_seconds()))
        at = row.not_before
    assert pauses == [60, 120, 240, 480, 960, 1920]
    assert (row.state, row.trouble) == (Delivery.GIVEN_UP, "ConnectionError")
    assert sending.send_due(at) == 0
    assert PHONE not in caplog.text


def test_a_message_put_off_by_a_failure_keeps_its_key(world, sms, settings):
    settings.SMS_PROVIDER = f"{__name__}.Failing"
    reachable(world, "resident", "sms")
    matter = opened(world)
    heard(world, matter)
    sending.send_due(NOON)
    key = Delivery.objects.get().key
    settings.SMS_PROVIDER = "doorstep.kernel.matters.providers.FileProvider"
    heard(world, matter)
    assert sending.send_due(NOON + dt.timedelta(minutes=1)) == 2
    assert str(key) in {line["key"] for line in sms()}


def test_a_sender_that_dies_after_sending_doubles_nothing(world, sms, settings):
    settings.SMS_PROVIDER = f"{__name__}.DyingAfterwards"
    reachable(world, "resident", "sms")
    heard(world, opened(world))
    with pytest.raises(KeyboardInterrupt):
        sending.send_due(NOON)
    assert Delivery.objects.get().state == Delivery.SENDING
    assert sending.send_due(NOON + dt.timedelta(seconds=1)) == 0
    assert sending.send_due(NOON + dt.timedelta(seconds=settings.MESSAGE_CLAIM_SECONDS)) == 1
    assert len(sms()) == 1 and Delivery.objects.get().state == Delivery.SENT


def test_a_half_written_line_spoils_no_other(settings, tmp_path):
    settings.SMS_FILE = tmp_path / "out.jsonl"
    settings.SMS_FILE.write_bytes(b'{"key": "half')
    key = uuid4()
    FileProvider().send(Message(key, PHONE, "", "好"))
    FileProvider().send(Message(key, PHONE, "", "好", again=True))
    lines = settings.SMS_FILE.read_text().splitlines()
    assert lines[0] == '{"key": "half' and json.loads(lines[1])["text"] == "好" and len(lines) == 2
    assert settings.SMS_FILE.stat().st_mode & 0o077 == 0 or lines  # made by the test; a new one is private
    settings.SMS_FILE.unlink()
    FileProvider().send(Message(key, PHONE, "", "好"))
    assert settings.SMS_FILE.stat().st_mode & 0o077 == 0


def test_an_erased_person_is_written_to_no_more(world, sms):
    reachable(world, "resident", "sms")
    heard(world, opened(world))
    person = world.people["resident"]
    type(person).objects.filter(pk=person.pk).update(phone_sealed=None, phone_index=None)
    assert sending.send_due(NOON) == 0
    assert (Delivery.objects.get().state, Delivery.objects.get().trouble) == (Delivery.DROPPED, "no address")


def test_old_notices_are_forgotten(world, settings):
    reachable(world, "resident", "sms")
    matter = opened(world)
    heard(world, matter, times=2)
    Notice.objects.filter(pk=Notice.objects.latest("pk").pk).update(at=NOON - dt.timedelta(days=181))
    sending.forget_old()
    assert Notice.objects.count() == Delivery.objects.count() == 1


def test_senders_side_by_side_send_each_message_once(fresh_database, settings, tmp_path):
    settings.SMS_FILE = tmp_path / "out.jsonl"
    settings.MESSAGES_AN_HOUR = 1000
    day = dt.date(2026, 6, 15)
    with clock.fixed(day):
        world = making.build()
        for number, role in enumerate(world.people):
            reachable(world, role, "sms", phone=f"1390000{number:04d}")
        matters = [opened(world, reporter_id=person.pk, by="worker") for person in world.people.values()]
        for matter in matters * 3:
            heard(world, matter)
    Delivery.objects.update(not_before=NOON)
    gate = threading.Barrier(4)

    def run() -> None:
        gate.wait(10)
        try:
            sending.send_due(NOON)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not Delivery.objects.exclude(state=Delivery.SENT).exists()
    keys = [json.loads(line)["key"] for line in settings.SMS_FILE.read_text().splitlines()]
    sent = set(Delivery.objects.values_list("key", flat=True))
    assert len(keys) == len(set(keys)) == len(sent)
    assert len(keys) == MessageChoice.objects.count()
