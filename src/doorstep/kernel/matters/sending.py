"""Sending what the outbox holds. Claim, commit, send, mark: a sender that dies leaves a claim that ends by itself.

One person's messages on one channel are made one after another (the choice's row is locked, skipping those another
sender has), so that what waits together goes as one message and nobody is flooded.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import translation

from doorstep.kernel.authority.models import Account
from doorstep.kernel.matters.models_messages import Delivery, MessageChoice, Notice
from doorstep.kernel.matters.notices import message_of
from doorstep.kernel.matters.providers import Message, provider_for
from doorstep.kernel.matters.services_choices import PURPOSE
from doorstep.kernel.matters.subjects import subject_of
from doorstep.kernel.people import values
from doorstep.kernel.people.models import PersonKey
from doorstep.kernel.people.selectors import has_consent
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.clock import DISTRICT_ZONE

WINDOW = dt.timedelta(hours=1)  # "a few within an hour" is counted by the hour
logger = logging.getLogger("doorstep.messages")


@dataclass(frozen=True)
class Claim:
    """Deliveries that go as one message, claimed by this sender under its key."""

    choice: MessageChoice
    key: uuid.UUID
    notices: list[Notice]
    again: bool
    attempts: int


def send_due(now: dt.datetime | None = None) -> int:
    """Send what is due, for as long as a run may take; gives the number of messages sent."""
    sent, until = 0, time.monotonic() + settings.MESSAGE_RUN_SECONDS
    while time.monotonic() < until:
        at = now or clock.now()
        claim = claim_one(at)
        if claim is None:
            return sent
        sent += deliver(claim, at)
    return sent


def _due(at: dt.datetime) -> Q:
    return Q(state=Delivery.WAITING, not_before__lte=at) | Q(state=Delivery.SENDING, claimed_until__lte=at)


def claim_one(at: dt.datetime) -> Claim | None:
    """Claim the next message; what may not go now (night, too many this hour) is put off. None: nothing is due."""
    while True:
        with transaction.atomic():
            due = Delivery.objects.filter(_due(at), choice=OuterRef("pk"))
            choices = MessageChoice.objects.select_for_update(skip_locked=True).filter(Exists(due))
            choice = choices.order_by("window_at", "pk").first()
            if choice is None:
                return None
            claim = _claimed(choice, at)
        if claim is not None:
            return claim


def _claimed(choice: MessageChoice, at: dt.datetime) -> Claim | None:
    rows = list(
        Delivery.objects.select_for_update(of=("self",))
        .filter(_due(at), choice=choice)
        .select_related("notice__matter")
        .order_by("pk")
    )
    rows = _wanted(choice, rows)
    if not rows:
        return None
    keyed = [row for row in rows if row.key is not None]
    if keyed:
        rows = [row for row in keyed if row.key == keyed[0].key]
        if rows[0].attempts >= settings.MESSAGE_ATTEMPTS:
            _end(rows, Delivery.GIVEN_UP, rows[0].trouble or "no answer")
            return None
    else:
        rows = _may_go(choice, rows, at)
        if not rows:
            return None
        choice.window_sent += 1
        choice.save(update_fields=["window_at", "window_sent"])
    key, again = rows[0].key or uuid.uuid4(), rows[0].attempts > 0
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=Delivery.SENDING, key=key, attempts=rows[0].attempts + 1,
        claimed_until=at + dt.timedelta(seconds=settings.MESSAGE_CLAIM_SECONDS),
    )  # fmt: skip
    return Claim(choice, key, [row.notice for row in rows], again, rows[0].attempts + 1)


def _wanted(choice: MessageChoice, rows: list[Delivery]) -> list[Delivery]:
    """Those their reader wants and agreed to; the others are dropped."""
    purposes = {row.pk: _purpose_of(row.notice) for row in rows}
    agreed = {one for one in set(purposes.values()) if choice.wanted and has_consent(choice.person_id, one)}
    unwanted = [row for row in rows if purposes[row.pk] not in agreed]
    if unwanted:
        _end(unwanted, Delivery.DROPPED, "not wanted")
    return [row for row in rows if purposes[row.pk] in agreed]


def _purpose_of(notice: Notice) -> str:
    subject = subject_of(notice.about) if notice.about else None
    return (subject.purpose if subject else "") or PURPOSE


def _end(rows: list[Delivery], state: str, trouble: str) -> None:
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=state, trouble=trouble[:80], claimed_until=None
    )


def _may_go(choice: MessageChoice, rows: list[Delivery], at: dt.datetime) -> list[Delivery]:
    """Those that may go now; the others are put off. Emergencies always go, each at once."""
    if choice.window_at is None or at - choice.window_at >= WINDOW or at < choice.window_at:
        choice.window_at, choice.window_sent = at, 0
    until = quiet_until(at)
    if until is None and choice.window_sent >= settings.MESSAGES_AN_HOUR:
        until = choice.window_at + WINDOW
    if until is None:
        return rows
    now = [row for row in rows if row.emergency]
    put_off = [row.pk for row in rows if not row.emergency]
    Delivery.objects.filter(pk__in=put_off).update(not_before=until)
    return now


def quiet_until(at: dt.datetime) -> dt.datetime | None:
    """When the quiet hours end in which `at` lies; None outside them."""
    begin, end = settings.QUIET_HOURS
    local = at.astimezone(DISTRICT_ZONE)
    moment = local.time().replace(tzinfo=None)
    inside = begin <= moment < end if begin < end else (moment >= begin or moment < end)
    if not inside:
        return None
    day = local.date() if moment < end else local.date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, end, DISTRICT_ZONE)


def deliver(claim: Claim, at: dt.datetime) -> int:
    """Send a claimed message and mark it. An error puts it off, longer each time, until the attempts are used up."""
    rows = Delivery.objects.filter(key=claim.key, state=Delivery.SENDING)
    to = address_of(claim.choice)
    if not to:
        rows.update(state=Delivery.DROPPED, trouble="no address", claimed_until=None)
        return 0
    with translation.override(claim.choice.language):
        subject, text = message_of(claim.notices)
    try:
        provider_for(claim.choice.channel).send(Message(claim.key, to, subject, text, claim.again))
    except Exception as error:
        _failed(claim, type(error).__name__, at)
        return 0
    rows.update(state=Delivery.SENT, sent_at=at, claimed_until=None, trouble="")
    return 1


def _failed(claim: Claim, trouble: str, at: dt.datetime) -> None:
    """Only the kind of error is kept: its text may hold the address."""
    logger.warning(
        "message %s by %s: attempt %d failed: %s", claim.key, claim.choice.channel, claim.attempts, trouble
    )
    last = claim.attempts >= settings.MESSAGE_ATTEMPTS
    pause = dt.timedelta(seconds=settings.MESSAGE_PAUSE_SECONDS * 2 ** (claim.attempts - 1))
    Delivery.objects.filter(key=claim.key, state=Delivery.SENDING).update(
        state=Delivery.GIVEN_UP if last else Delivery.WAITING, not_before=at + pause, claimed_until=None,
        trouble=trouble[:80],
    )  # fmt: skip


def address_of(choice: MessageChoice) -> str:
    """The address in clear, for the provider alone; empty where there is none (any more)."""
    person = choice.person
    if person.erased_at is not None:
        return ""
    if choice.channel == MessageChoice.EMAIL:
        found = Account.objects.filter(person=person, is_active=True).values_list("email", flat=True).first()
        return found or ""
    if not PersonKey.objects.filter(person=person).exists():
        return ""
    return values.taken(person, values.key_of(person), "phone")


def forget_old() -> int:
    """Remove notices older than they are kept; their messages go with them. At most one run's worth."""
    before = clock.now() - dt.timedelta(days=settings.NOTICES_KEPT_DAYS)
    old = Notice.objects.filter(at__lt=before).order_by("at").values("pk")[:20_000]
    return Notice.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]
