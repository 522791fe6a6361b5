"""What is asked for agreements and for the five steps of a commissioner; the fields that all forms of partners are made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.shared import clock
from doorstep.kernel.web.pages import RefusingForm

Choices = Sequence[tuple[Any, Any]]
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2100, 12, 31)  # beyond them a year is a slip of the hand


def day(
    label: Any, help_text: Any = "", required: bool = True, initial: Any = clock.today
) -> forms.DateField:
    """A day of our time. `initial`: what stands in it where it must be filled in, today unless said otherwise."""
    return forms.DateField(
        label=label, help_text=help_text, required=required, initial=initial if required else None,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )  # fmt: skip


def text(
    label: Any, longest: int, required: bool = True, help_text: Any = "", rows: int = 0
) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else None
    return forms.CharField(
        label=label, max_length=longest, required=required, help_text=help_text, widget=widget
    )


def time(label: Any, required: bool = True) -> forms.TimeField:
    return forms.TimeField(
        label=label, required=required, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )


def whole(
    label: Any, least: int, most: int, required: bool = True, help_text: Any = "", initial: Any = None
) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, required=required, help_text=help_text, initial=initial
    )


def year_from_now() -> dt.date:
    today = clock.today()
    return today + dt.timedelta(days=365)


class PartnerForm(RefusingForm):
    FIELDS: ClassVar = {
        "starts_at": "starts",
        "ends_at": "ends",
        "person": "name",
        "unit": "unit",
        "why": "why",
    }


class ChosenUnit(PartnerForm):
    """Of units found, one."""

    def __init__(self, units: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = [] if units else [("", _("请先查找单位"))]
        self.fields["unit"] = forms.TypedChoiceField(label=_("单位"), choices=[*first, *units], coerce=int)


class AgreementForm(ChosenUnit):
    about = text(_("共建内容"), 400, rows=3, help_text=_("双方各做什么，如开放会议室、每季度义诊。"))
    document = text(_("协议编号"), 80)
    valid_from = day(_("起"))
    valid_to = day(_("止"), _("不再有效的第一天；最长五年。"), initial=year_from_now)
    field_order = ("unit", "about", "document", "valid_from", "valid_to")

    def __init__(self, units: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(units, *args, **kwargs)
        self.order_fields(self.field_order)


class RenewForm(PartnerForm):
    valid_to = day(_("续到"), _("不再有效的第一天；从原协议到期日接着算。"), initial=year_from_now)
    document = text(_("协议编号"), 80)
    about = text(_("共建内容"), 400, rows=3)


class EndForm(PartnerForm):
    on = day(_("从哪一天起终止"), _("不再有效的第一天。"))
    reason = text(_("原因"), 200)


class NominationForm(ChosenUnit):
    name = text(_("人选姓名"), 60)
    phone = text(_("手机号"), 20, required=False, help_text=_("加密保存；可以不填。"))
    affiliation = text(_("组织关系所在党组织"), 120, help_text=_("组织关系不转，仍在原单位。"))
    has_vote = forms.BooleanField(label=_("有表决权"), required=False)
    valid_from = day(_("任期起"))
    valid_to = day(_("任期止"), _("不再任职的第一天；最长五年。"), initial=year_from_now)
    why = text(_("推荐理由"), 500, required=False, rows=2)
    key = forms.UUIDField(widget=forms.HiddenInput)
    field_order = (
        "unit", "name", "phone", "affiliation", "has_vote", "valid_from", "valid_to", "why", "key",
    )  # fmt: skip

    def __init__(self, units: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(units, *args, **kwargs)
        self.order_fields(self.field_order)


class StepForm(PartnerForm):
    """A step of a nomination. `words`: what its note is called; asked for where the law asks."""

    note = text(_("说明"), 500, required=False, rows=2)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, asks: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = "note" in asks
        if "document" in asks:
            self.fields["document"] = text(_("批准文号"), 80)
            self.order_fields(("document", "note", "version"))


class NothingForm(PartnerForm):
    """A step that asks for nothing but to be meant."""


class ReasonForm(PartnerForm):
    reason = text(_("原因"), 200)
