"""What is asked of who joins and who organises. A refusal of a service comes back at the field it names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.kernel.shared.errors import Refused

Choices = Sequence[tuple[str, Any]]


class RefusableForm(forms.Form):
    def refuse(self, refusal: Refused) -> None:
        field = refusal.field if refusal.field in self.fields else None
        self.add_error(field, str(refusal.message))


def _moment(label: Any, required: bool = True, help_text: Any = "") -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label, required=required, help_text=help_text,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip


def in_district(value: dt.datetime | None) -> dt.datetime | None:
    """A typed time is the district's."""
    return None if value is None else value.replace(tzinfo=DISTRICT_ZONE)


class YearForm(RefusableForm):
    born_in = forms.IntegerField(label=_("出生年份"), required=False, min_value=1900, max_value=2100)


class SignUpForm(YearForm):
    """Somebody without a phone, signed up by who organises."""

    who = forms.CharField(label=_("卡上的码或志愿者编号"), max_length=40)
    paper_seen = forms.BooleanField(label=_("未成年人：看过监护人的签字"), required=False)
    field_order = ("who", "born_in", "paper_seen")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "id_join_%s"  # the page has other forms with a year
        self.fields["who"].widget.attrs |= {"autocomplete": "off"}
        self.fields["born_in"].help_text = _("没有登记过、又有年龄要求时才填。")


class TimesForm(RefusableForm):
    """When, how many. Years that no plan reaches are refused here, before anybody counts with them."""

    starts_at = _moment(_("开始"))
    ends_at = _moment(_("结束"))
    capacity = forms.IntegerField(
        label=_("名额"), required=False, min_value=1, max_value=20_000, help_text=_("不限就空着")
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in ("starts_at", "ends_at"):
            if given.get(name) is not None and not 2000 <= given[name].year <= 2100:
                self.add_error(name, _("年份不对，请核对。"))
        return given


class AnnounceForm(TimesForm):
    """A new activity: what, by whom, where, when, for whom."""

    field_order = (
        "token", "category", "title", "organiser", "place_code", "where", "starts_at", "ends_at", "repeats", "capacity",
        "text", "phone", "skill", "least_age", "most_age", "by_sign_up", "is_public",
    )  # fmt: skip

    token = forms.UUIDField(widget=forms.HiddenInput)
    title = forms.CharField(label=_("名称"), max_length=80)
    where = forms.CharField(label=_("地点"), max_length=120, help_text=_("写到找得到：几号院、几楼、哪个门"))
    repeats = forms.IntegerField(
        label=_("连办几周"), min_value=1, max_value=52, initial=1, help_text=_("每周同一时间，1 就是只办一次")
    )
    text = forms.CharField(
        label=_("内容（可以不写）"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    phone = forms.CharField(label=_("联系电话（可以不写）"), max_length=40, required=False)
    least_age = forms.IntegerField(label=_("最低年龄"), required=False, min_value=0, max_value=120)
    most_age = forms.IntegerField(label=_("最高年龄"), required=False, min_value=0, max_value=120)
    by_sign_up = forms.BooleanField(label=_("需要报名"), required=False, initial=True)
    is_public = forms.BooleanField(label=_("公开，谁都能看到"), required=False, initial=True)

    def __init__(
        self, categories: Choices, units: Choices, places: Choices, skills: Choices, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"] = forms.ChoiceField(label=_("类别"), choices=categories)
        self.fields["organiser"] = forms.ChoiceField(label=_("组织单位"), choices=units)
        self.fields["place_code"] = forms.ChoiceField(label=_("地方"), choices=places)
        self.fields["skill"] = forms.ChoiceField(
            label=_("需要的技能"), choices=[("", _("不限")), *skills], required=False
        )
        self.order_fields(list(self.field_order))


class ReasonForm(RefusableForm):
    reason = forms.CharField(label=_("原因"), max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput)


class InsuranceForm(RefusableForm):
    insurance = forms.CharField(label=_("保险单号"), max_length=60)


class ConfirmForm(RefusableForm):
    """`close_at`: when those went who did not check out."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    head_count = forms.IntegerField(
        label=_("到场人数"), required=False, min_value=0, max_value=100_000,
        help_text=_("有没登记姓名的人来，就填总人数；都登记了可以空着"),
    )  # fmt: skip
    close_at = _moment(_("没登记离场的人几点走的"), required=False)


class CorrectForm(RefusableForm):
    in_at = _moment(_("到场"), required=False)
    out_at = _moment(_("离场"), required=False)
    struck = forms.BooleanField(label=_("其实没有来，剔除这条"), required=False)
    reason = forms.CharField(label=_("原因"), max_length=200)
