"""What a reader does with notices: read them, and choose how else to hear of them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.authority.models import Account
from doorstep.kernel.matters.models_messages import Delivery, MessageChoice, Notice
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.purposes import Purpose, declare_consent
from doorstep.kernel.people.selectors import has_consent
from doorstep.kernel.people.services import give_consent, withdraw_consent
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation

PURPOSE = "matter_messages"
declare_consent(
    Purpose(
        PURPOSE,
        gettext_lazy("用短信或电子邮件告知所办事项的进展"),
        gettext_lazy("取得个人同意（个人信息保护法第十三条第一项）"),
    )
)


def read_notices(*, actor: Actor, notice_ids: Iterable[int] | None = None) -> int:
    """Mark the actor's notices as read: these, or (None) all. Gives how many were unread."""
    if actor.person_id is None:
        return 0
    rows = Notice.objects.filter(person_id=actor.person_id, read_at__isnull=True)
    if notice_ids is not None:
        rows = rows.filter(pk__in=list(notice_ids))
    return rows.update(read_at=clock.now())


@transaction.atomic
def choose_message(*, actor: Actor, channel: str, wanted: bool) -> MessageChoice:
    """Begin or end hearing by `channel`. Wanting one is the consent to it; ending the last one withdraws it.

    Raises NotAllowed for an account without a person, RuleViolation for an unknown channel or a missing address.
    """
    person = (
        Person.objects.select_for_update().filter(pk=actor.person_id or 0, erased_at__isnull=True).first()
    )
    if person is None:
        raise NotAllowed(_("这个账号没有对应的人员信息。"))
    if channel not in dict(MessageChoice.CHANNELS):
        raise RuleViolation(_("没有这种通知方式。"), field="channel")
    if wanted:
        _check_address(person, channel)
    choice, _new = MessageChoice.objects.update_or_create(
        person=person, channel=channel,
        defaults={"wanted": wanted, "language": get_language() or "zh-hans", "chosen_at": clock.now()},
    )  # fmt: skip
    agreed = has_consent(person.pk, PURPOSE)
    any_wanted = MessageChoice.objects.filter(person=person, wanted=True).exists()
    if any_wanted and not agreed:
        give_consent(actor=actor, person=person, purpose=PURPOSE, given_by=str(_("本人在通知页面选择")))
    if not any_wanted and agreed:
        withdraw_consent(actor=actor, person=person, purpose=PURPOSE)
    if not wanted:
        waiting = Delivery.objects.filter(choice=choice, state=Delivery.WAITING)
        waiting.update(state=Delivery.DROPPED, trouble="not wanted")
    record(actor, Act("matters.choose_message", choice, person.place_code, {channel: [not wanted, wanted]}))
    return choice


def _check_address(person: Person, channel: str) -> None:
    if channel == MessageChoice.SMS and person.phone_sealed is None:
        raise RuleViolation(_("还没有登记您的电话。请先在「我的账号」登记电话。"), field="channel")
    if channel == MessageChoice.EMAIL:
        addresses = Account.objects.filter(person=person, is_active=True).values_list("email", flat=True)
        if not any(addresses):
            raise RuleViolation(_("您的账号还没有登记邮箱。请向管理员登记。"), field="channel")
