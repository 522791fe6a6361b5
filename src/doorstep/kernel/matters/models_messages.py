"""Notices to people, the messages that carry them outside, and supervision orders.

A notice holds codes and a key, never words about anybody: it is put into the reader's language when it is read.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared.rows import QuickRow


class Notice(QuickRow):
    """One thing somebody is told: of a matter, or of what another package keeps (`about`, `about_id`: subjects).

    `key`: what happened. Of a matter: the step's name, or a key of `notices`; `part`: why them; `state`: as it was then.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notices", db_index=False)
    matter = models.ForeignKey("matters.Matter", on_delete=models.PROTECT, null=True, related_name="notices")
    about = models.CharField(max_length=40, blank=True)
    about_id = models.BigIntegerField(null=True)
    key = models.CharField(max_length=30)
    part = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=24, blank=True)
    due_at = models.DateTimeField(null=True)
    at = models.DateTimeField(_("时间"))
    read_at = models.DateTimeField(_("已读"), null=True)

    class Meta:
        verbose_name = _("通知")
        constraints = [
            models.CheckConstraint(
                condition=Q(matter__isnull=False, about="", about_id__isnull=True)
                | (Q(matter__isnull=True, about_id__isnull=False) & ~Q(about="")),
                name="notice_of_one_thing",
            )
        ]
        indexes = [
            models.Index(fields=["person", "-id"], name="notice_person"),
            models.Index(fields=["person"], name="notice_unread", condition=Q(read_at__isnull=True)),
            models.Index(fields=["at"], name="notice_at"),
            models.Index(fields=["about", "about_id"], name="notice_about", condition=Q(matter__isnull=True)),
        ]


class MessageChoice(models.Model):
    """That somebody wants notices by e-mail or SMS too, in which language; and how many went out in this hour.

    The row is what a sender locks: messages to one person on one channel are made one after another.
    """

    EMAIL, SMS = "email", "sms"
    CHANNELS = [(EMAIL, _("电子邮件")), (SMS, _("短信"))]

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="message_choices", db_index=False
    )
    channel = models.CharField(_("方式"), max_length=8, choices=CHANNELS)
    wanted = models.BooleanField(_("接收"), default=True)
    language = models.CharField(max_length=10)
    chosen_at = models.DateTimeField()
    window_at = models.DateTimeField(null=True, editable=False)
    window_sent = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("通知方式")
        constraints = [models.UniqueConstraint(fields=["person", "channel"], name="message_choice_once")]


class Delivery(models.Model):
    """A notice on its way out. Those sent as one message share its `key`, which stays the same when it is sent again.

    sending: claimed by a sender until `claimed_until`; a sender that died leaves it to be claimed again by then.
    """

    WAITING, SENDING, SENT, DROPPED, GIVEN_UP = "waiting", "sending", "sent", "dropped", "given_up"
    STATES = [
        (WAITING, _("待发")), (SENDING, _("发送中")), (SENT, _("已发")), (DROPPED, _("不再发送")), (GIVEN_UP, _("未能发出")),
    ]  # fmt: skip

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    choice = models.ForeignKey(
        MessageChoice, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    state = models.CharField(_("状态"), max_length=10, choices=STATES, default=WAITING)
    emergency = models.BooleanField(default=False)
    not_before = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    key = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("消息")
        constraints = [
            models.UniqueConstraint(fields=["notice", "choice"], name="delivery_once"),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(key__isnull=False, claimed_until__isnull=False),
                name="delivery_claimed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["choice", "not_before"],
                name="delivery_outstanding",
                condition=Q(state__in=["waiting", "sending"]),
            ),
            models.Index(fields=["key"], name="delivery_key", condition=Q(key__isnull=False)),
        ]


class SupervisionOrder(models.Model):
    """A superior asks the unit that holds a matter for an answer by a time (督办). Closed by who ordered it."""

    matter = models.ForeignKey("matters.Matter", on_delete=models.PROTECT, related_name="supervision_orders")
    ordered_at = models.DateTimeField(_("督办时间"))
    ordered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.CharField(_("督办事由"), max_length=500)
    reply_due = models.DateTimeField(_("回复期限"))
    reply = models.CharField(_("回复"), max_length=2000, blank=True)
    replied_at = models.DateTimeField(_("回复时间"), null=True)
    replied_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    replied_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    closing = models.CharField(_("结束说明"), max_length=500, blank=True)
    closed_at = models.DateTimeField(_("结束时间"), null=True)
    closed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("督办")
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "unit"], condition=Q(closed_at__isnull=True), name="supervision_one_open"
            ),
            models.CheckConstraint(
                condition=Q(reply_due__gt=models.F("ordered_at")), name="supervision_due_later"
            ),
        ]
        indexes = [
            models.Index(
                fields=["reply_due", "id"], name="supervision_open", condition=Q(closed_at__isnull=True)
            )
        ]
