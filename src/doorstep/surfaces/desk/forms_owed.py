"""What is asked for a rule, for minutes, for an exemption."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.obligations import kinds
from doorstep.kernel.obligations.meetings import MEETINGS
from doorstep.kernel.obligations.models import ROLLS
from doorstep.kernel.obligations.seeds import HALF_YEAR_END, MONTH_END, QUARTER_END, YEAR_END
from doorstep.kernel.organisations.kinds import POSTS, UNIT_KINDS
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.kernel.shared.errors import Refused
from doorstep.kernel.web.frame.typed_places import Places
from doorstep.surfaces.desk.forms_appointments import day

OTHER = "other"
RHYTHMS = [
    (MONTH_END, _("每月，月底前")), (QUARTER_END, _("每季度，季末前")), (HALF_YEAR_END, _("每半年，6 月底和 12 月底前")),
    (YEAR_END, _("每年，年底前")), (OTHER, _("其他（写在下面）")),
]  # fmt: skip


class _Refusable(forms.Form):
    def refuse(self, refusal: Refused) -> None:
        field = refusal.field if refusal.field in self.fields else None
        self.add_error(field, str(refusal.message))


def _time(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


class MinutesForm(_Refusable):
    """One meeting of the unit: numbers of those entitled and present, no names."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("会议"))
    day = day(_("哪一天开的"))
    starts = _time(_("开始"))
    ends = _time(_("结束"))
    where = forms.CharField(label=_("地点"), max_length=120)
    entitled = forms.IntegerField(
        label=_("应到人数"), min_value=1, help_text=_("有表决权的党员；党课等不表决的会议，填应当参加的人。")
    )
    present = forms.IntegerField(label=_("实到人数"), min_value=1, help_text=_("只填人数，不填名单。"))
    agenda = forms.CharField(label=_("议题"), max_length=500)
    decisions = forms.CharField(
        label=_("决定"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, meetings: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, MEETINGS[kind]) for kind in meetings]  # type: ignore[attr-defined]  # a ChoiceField

    def moments(self) -> tuple[dt.datetime, dt.datetime]:
        """Beginning and end in the district's time; an end that reads earlier is refused by the service."""
        given = self.cleaned_data
        return tuple(  # type: ignore[return-value]  # two of two
            dt.datetime.combine(given["day"], given[name], DISTRICT_ZONE) for name in ("starts", "ends")
        )


class ReasonForm(_Refusable):
    reason = forms.CharField(label=_("作废原因"), max_length=200)


class NothingForm(_Refusable):
    """A step that asks for nothing but to be meant."""


class EndForm(_Refusable):
    valid_to = day(_("从哪一天起不再执行"), _("到这天还没满的一个周期不再要求。"), initial="")


class ExemptionForm(_Refusable):
    since = day(_("从哪一天起"), _("到期日在这段时间里的都豁免。"))
    until = day(_("到哪一天"))
    document = forms.CharField(
        label=_("批准文号"), max_length=80, required=False, help_text=_("没有文件不能豁免。")
    )
    reason = forms.CharField(label=_("理由"), max_length=200)

    def __init__(self, rules: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = forms.ChoiceField(label=_("应办事项"), choices=rules)
        self.order_fields(["code", "since", "until", "document", "reason"])


class RuleForm(_Refusable):
    """Who owes what, how often, and what counts. `places`: where the reader sets rules; `code` is fixed once a rule is there."""

    code = forms.CharField(
        label=_("代码"), max_length=40, help_text=_("小写字母、数字、点和下划线，定了不再改。例如 theme_day")
    )
    name = forms.CharField(label=_("名称"), max_length=60)
    unit_kinds = forms.MultipleChoiceField(
        label=_("哪些类型的单位应办"), choices=list(UNIT_KINDS.items()), widget=forms.CheckboxSelectMultiple
    )
    post = forms.ChoiceField(
        label=_("只要求有人任这个岗位的单位"), required=False,
        choices=[("", _("不限")), *((post.code, post.name) for post in POSTS.values())],
    )  # fmt: skip
    place_code = forms.CharField(
        label=_("在哪里执行"), max_length=60, help_text=_("地方的名称或代码，全区填区代码。")
    )
    proof = forms.ChoiceField(label=_("凭什么算完成"))
    quorum = forms.BooleanField(label=_("会议须达到规定人数"), required=False)
    often = forms.ChoiceField(label=_("多久一次"), choices=RHYTHMS)
    rhythm = forms.CharField(
        label=_("其他周期"), max_length=120, required=False,
        help_text=_("iCalendar 写法。每月第一个周一：FREQ=MONTHLY;BYDAY=1MO；每两周的周五：FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"),
    )  # fmt: skip
    roll = forms.ChoiceField(label=_("到期日遇休息日"), choices=ROLLS)
    window = forms.IntegerField(
        label=_("到期前多少天内才算"), min_value=0, initial=0, help_text=_("0 是整个周期都算。")
    )
    grace = forms.IntegerField(label=_("宽限几个工作日"), min_value=0, initial=5)
    valid_from = day(_("从哪一天起"), _("已经开始的周期按原来的规则办完。"))
    clause = forms.CharField(label=_("依据"), max_length=200)
    document = forms.CharField(label=_("文号"), max_length=80, required=False)

    def __init__(self, places: Places, *args: Any, fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = places
        self.fields["proof"].choices = [(kind.code, kind.name) for kind in kinds.all_kinds()]  # type: ignore[attr-defined]  # a ChoiceField
        if fixed:
            del self.fields["code"]

    def clean_place_code(self) -> str:
        try:
            return self.places.picked(self.cleaned_data["place_code"])
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from None

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        often = given.pop("often", OTHER)
        if often != OTHER:
            given["rhythm"] = often
        given["needs"] = ("quorum",) if given.pop("quorum", False) else ()
        given["unit_kinds"] = tuple(given.get("unit_kinds", ()))
        return given
