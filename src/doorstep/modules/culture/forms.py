"""What is asked for an event, a series, a purse, a grant, a cost, a picture, feedback."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.shared import clock
from doorstep.kernel.web.pages import RefusingForm
from doorstep.modules.culture import rules
from doorstep.modules.culture.models import KINDS

Choices = Sequence[tuple[str, Any]]
MOST_WEEKS = 26
GRADES = [(5, _("5 很好")), (4, _("4 好")), (3, _("3 一般")), (2, _("2 不太好")), (1, _("1 不好"))]


FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2100, 12, 31)  # beyond them a year is a slip of the hand


def day(label: Any, help_text: Any = "", required: bool = True, initial: Any = None) -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, required=required, initial=initial or (clock.today if required else None),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )  # fmt: skip


def last_of_last_month() -> dt.date:
    return clock.today().replace(day=1) - rules.DAY


def _time(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


def _text(
    label: Any, longest: int, required: bool = True, help_text: Any = "", rows: int = 0
) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else None
    return forms.CharField(
        label=label, max_length=longest, required=required, help_text=help_text, widget=widget
    )


class CultureForm(RefusingForm):
    FIELDS: ClassVar = {"starts_at": "starts", "ends_at": "ends", "fen": "yuan"}  # services' names of ours


class EventWordsForm(CultureForm):
    """What an event says; `series` and `compounds` to choose from."""

    title = _text(_("名称"), 80)
    category = forms.ChoiceField(label=_("类别"), choices=KINDS)
    where = _text(_("在哪里"), 120)
    text = _text(_("介绍"), 2000, required=False, rows=3)
    programme = _text(_("节目单"), 1000, required=False, rows=4, help_text=_("一行一个节目。"))
    hosts = _text(_("承办"), 200, required=False, help_text=_("和组织单位一起办的单位、社团。不写个人手机。"))
    phone = _text(_("联系电话"), 40, required=False, help_text=_("填办公电话，不填个人手机。"))
    is_public = forms.BooleanField(label=_("在活动日历上公开"), required=False, initial=True)

    def __init__(self, series: Choices, compounds: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        none = [("", "—")]
        self.fields["series"] = forms.TypedChoiceField(
            label=_("系列"), choices=[*none, *series], required=False, coerce=int, empty_value=None
        )
        self.fields["compound"] = forms.TypedChoiceField(
            label=_("小区楼院"), choices=[*none, *compounds], required=False, coerce=int, empty_value=None
        )


class PlanForm(EventWordsForm):
    day = day(_("日期"))
    starts = _time(_("开始"))
    ends = _time(_("结束"))
    weeks = forms.IntegerField(
        label=_("每周一次，共几次"),
        min_value=1,
        max_value=MOST_WEEKS,
        initial=1,
        help_text=_("只办一次就填 1。"),
    )
    by_sign_up = forms.BooleanField(
        label=_("需要报名"), required=False, help_text=_("不勾选就是来了就算，办完填到场人数。")
    )
    capacity = forms.IntegerField(
        label=_("名额"), min_value=1, max_value=20_000, required=False, help_text=_("不限名额就空着。")
    )
    key = forms.UUIDField(widget=forms.HiddenInput)
    field_order = (
        "place_code", "organiser", "title", "category", "day", "starts", "ends", "weeks", "where", "compound", "series",
        "text", "programme", "hosts", "phone", "by_sign_up", "capacity", "is_public", "key",
    )  # fmt: skip

    def __init__(self, places: Choices, organisers: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place_code"] = forms.ChoiceField(label=_("地方"), choices=places)
        self.fields["organiser"] = forms.TypedChoiceField(label=_("组织单位"), choices=organisers, coerce=int)
        self.order_fields(self.field_order)

    def times(self) -> list[tuple[dt.datetime, dt.datetime]]:
        """The times asked for, one a week; an end before the beginning is on the next day."""
        data = self.cleaned_data
        over = rules.DAY if data["ends"] <= data["starts"] else dt.timedelta()
        found = []
        for number in range(data["weeks"]):
            on = data["day"] + number * rules.WEEK
            found.append((_moment(on, data["starts"]), _moment(on + over, data["ends"])))
        return found


def _moment(on: dt.date, time: dt.time) -> dt.datetime:
    return dt.datetime.combine(on, time, clock.DISTRICT_ZONE)


class ChangeForm(EventWordsForm):
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["category"]


class MoveForm(CultureForm):
    day = day(_("日期"))
    starts = _time(_("开始"))
    ends = _time(_("结束"))
    capacity = forms.IntegerField(label=_("名额"), min_value=1, max_value=20_000, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def times(self) -> tuple[dt.datetime, dt.datetime]:
        data = self.cleaned_data
        over = rules.DAY if data["ends"] <= data["starts"] else dt.timedelta()
        return _moment(data["day"], data["starts"]), _moment(data["day"] + over, data["ends"])


class CancelForm(CultureForm):
    reason = _text(_("取消的原因"), 200, help_text=_("报名的人会看到。"))
    version = forms.IntegerField(widget=forms.HiddenInput)


class ConfirmForm(CultureForm):
    head_count = forms.IntegerField(
        label=_("到场人数"), min_value=0, max_value=100_000, required=False,
        help_text=_("来了多少人，约数也行；有签到名单的可以不填。"),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)


class SeriesForm(CultureForm):
    name = _text(_("系列名称"), 40, help_text=_("如百家宴、多彩云集。"))
    about = _text(_("简介"), 400, required=False, rows=3)
    valid_from = day(_("起"))

    def __init__(self, places: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place_code"] = forms.ChoiceField(label=_("地方"), choices=places)
        self.order_fields(["place_code"])


class PurseForm(SeriesForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["about"]
        self.fields["name"].label, self.fields["name"].help_text = _("经费名称"), _("如2026年社区文化经费。")
        self.fields["name"].max_length = 60  # type: ignore[attr-defined]  # a text


def _yuan(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, max_digits=12, decimal_places=2, min_value=0,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"invalid": _("请填数字，最多两位小数。")},
    )  # fmt: skip


class GrantForm(CultureForm):
    yuan = _yuan(_("金额（元）"))
    source = _text(_("资金来源"), 80, help_text=_("如区财政、共建单位捐助。"))
    document = _text(_("文号"), 80)
    day = day(_("日期"))


class CostForm(CultureForm):
    what = _text(_("用途"), 80, help_text=_("如食材、音响租赁。"))
    yuan = _yuan(_("金额（元）"))
    voucher = _text(_("凭证号"), 80)
    day = day(_("日期"))

    def __init__(self, purses: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purse"] = forms.TypedChoiceField(label=_("从哪笔经费"), choices=purses, coerce=int)
        self.order_fields(["purse"])


class ReasonForm(CultureForm):
    reason = _text(_("冲销的原因"), 200)


class CloseForm(CultureForm):
    day = day(_("结到哪一天"), _("这一天和以前的支出、拨入、冲销都不能再登记。"), initial=last_of_last_month)


class EndForm(CultureForm):
    ended_on = day(_("终止日期"), _("从这一天起不再有效。"))


class PictureForm(CultureForm):
    file = forms.FileField(label=_("照片"), widget=forms.ClearableFileInput(attrs={"accept": "image/*"}))
    caption = _text(_("说明"), 80, required=False, help_text=_("不写照片里的人是谁。"))
    consent = _text(
        _("同意方式"), 120, required=False,
        help_text=_("如现场告知并举手同意，或写认不出人。没有写明的照片不公开。"),
    )  # fmt: skip


class ConsentForm(CultureForm):
    consent = _text(_("同意方式"), 120, help_text=_("如现场告知并举手同意，或写认不出人。"))
    caption = _text(_("说明"), 80, required=False, help_text=_("不写照片里的人是谁。"))


class FeedbackForm(CultureForm):
    grade = forms.TypedChoiceField(
        label=_("这场活动怎么样"), choices=GRADES, coerce=int, widget=forms.RadioSelect,
        error_messages={"required": _("请选 1 到 5 分。")},
    )  # fmt: skip
    words = _text(
        _("想说的话（可以不写）"), 300, required=False, rows=3,
        help_text=_("公开时不带姓名。请不要写电话、身份证号。"),
    )  # fmt: skip
    was_there = forms.BooleanField(label=_("我到过现场"), required=False)
