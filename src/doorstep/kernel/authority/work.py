"""What waits for those who keep the accounts: locked ones, missing second factors, accounts without an office."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.policies import MANAGE, SECURE
from doorstep.kernel.authority.selectors import in_office
from doorstep.kernel.declarations.work import WorkItem, WorkProvider, declare
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import within

Items = tuple[Iterable[WorkItem], int]


def _held(on: dt.date | None = None) -> QuerySet[Appointment]:
    """Appointments of the account's person; with a day those in force on it."""
    rows = Appointment.objects.in_force(on) if on else Appointment.objects.all()
    return rows.filter(person_id=OuterRef("person_id"))


def _line(row: Account, names: dict[str, str], action: str, detail: str) -> WorkItem:
    person = row.person
    code = person.place_code if person is not None else ""
    return WorkItem(
        title=f"{person.name}（{row.username}）" if person is not None else row.username, place_code=code,
        place_name=names.get(code[:12], ""), action=action, detail=detail, url=reverse("web:record", args=["accounts", row.pk]),
    )  # fmt: skip


def _lines(rows: Iterable[Account], action: str, say: dict[int, str]) -> list[WorkItem]:
    found = list(rows)
    codes = {row.person.place_code[:12] for row in found if row.person is not None}
    names = dict(Area.objects.filter(code__in=codes).values_list("code", "name"))
    return [_line(row, names, action, say[row.pk]) for row in found]


def locked(actor: Actor, today: dt.date, limit: int) -> Items:
    """Accounts that wait after too many failures, the latest first; they open by themselves after a while."""
    if not actor.holds_somewhere(SECURE):
        return [], 0
    tried = AccessAttempt.objects.filter(
        attempt_time__gt=clock.now() - settings.AXES_COOLOFF_TIME,
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
    )
    times = dict(tried.order_by("attempt_time").values_list("username", "attempt_time"))
    rows = policy_for(Account).visible_to(actor).filter(username__in=times).select_related("person")
    found = sorted(rows, key=lambda row: times[row.username], reverse=True)
    say = {row.pk: _("多次输错密码，已锁定；查明是不是本人") for row in found}
    items = _lines(found[:limit], _("查明并处理"), say)
    return [_at_security(item, row) for item, row in zip(items, found, strict=False)], len(found)


def _at_security(item: WorkItem, row: Account) -> WorkItem:
    return WorkItem(**(item.__dict__ | {"url": reverse("account_security", args=[row.pk])}))


def unprotected(actor: Actor, today: dt.date, limit: int) -> Items:
    """Accounts of people in office without a second factor: it is set up at the next sign-in, which some put off."""
    if not actor.holds_somewhere(SECURE):
        return [], 0
    rows = (
        policy_for(Account)
        .visible_to(actor)
        .filter(in_office(with_second_factor=False, on=today))
        .select_related("person")
    )
    shown = list(rows.order_by("is_demo", F("last_login").asc(nulls_first=True), "pk")[:limit])
    items = _lines(shown, _("催办或停用"), {row.pk: _unprotected_words(row) for row in shown})
    return [_at_security(item, row) for item, row in zip(items, shown, strict=True)], rows.count()


def _unprotected_words(row: Account) -> str:
    if row.is_demo:
        return _("演示账号，一键登录，没有动态验证码")
    return _("登录过，还没有设动态验证码") if row.last_login else _("从未登录，还没有设动态验证码")


def out_of_office(actor: Actor, today: dt.date, limit: int) -> Items:
    """Open accounts of people whose last appointment has ended."""
    secures = actor.holds_somewhere(SECURE)
    if not secures and not actor.holds_somewhere(MANAGE):
        return [], 0
    left = Q(Exists(_held().filter(valid_to__lte=today)), ~Exists(_held(today)), is_active=True)
    rows = policy_for(Account).visible_to(actor).filter(left).select_related("person").order_by("pk")
    shown = list(rows[:limit])
    say = {row.pk: _("已离任，账号还开着") for row in shown}
    items = _lines(shown, _("停用") if secures else _("看账号"), say)
    if secures:
        items = [_at_security(item, row) for item, row in zip(items, shown, strict=True)]
    return items, rows.count()


def without_account(actor: Actor, today: dt.date, limit: int) -> Items:
    """How many are in office and cannot sign in, by post, most first: accounts are made for them one by one."""
    places = actor.places_for(MANAGE)
    if not places:
        return [], 0
    held = Appointment.objects.in_force(today).filter(
        within("place_code", places), person__account__isnull=True
    )
    posts = (
        held.order_by().values("post").annotate(n=Count("person_id", distinct=True)).order_by("-n", "post")
    )
    names = dict(Appointment._meta.get_field("post").flatchoices)
    items = [
        WorkItem(
            title=_("%(post)s：%(n)s 人在任，还没有账号") % {"post": names.get(row["post"], row["post"]), "n": f"{row['n']:,}"},
            place_code=places[0], place_name="", url=reverse("account_create"), action=_("建立账号"),
            detail=_("按姓名查找，逐人建立"),
        )
        for row in posts[:limit]
    ]  # fmt: skip
    return items, len(posts)


def _unprotected_list(actor: Actor) -> str:
    return f"{reverse('web:register', args=['accounts'])}?second_factor=no"


declare(
    WorkProvider("authority.locked", lazy("被锁定的账号"), "decide", locked),
    WorkProvider("authority.out_of_office", lazy("离任人员的账号"), "settle", out_of_office),
    WorkProvider(
        "authority.unprotected", lazy("没有动态验证码的账号"), "settle", unprotected, _unprotected_list
    ),
    WorkProvider("authority.without_account", lazy("没有账号的在任人员"), "settle", without_account),
)
