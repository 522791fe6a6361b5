"""What is asked for communities' pages, assistance, and the coordination mechanism."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.modules.coverage.compared import comparable
from doorstep.modules.coverage.forms import Choices, CoverageForm, day, text
from doorstep.modules.coverage.models import ROLES
from doorstep.modules.coverage.models_assistance import EVENTS, OUTCOMES, AssistancePart


def _figures() -> Choices:
    return [(row.key, row.name) for row in comparable().values()]


class _Compares(CoverageForm):
    """`indicators`: some of the figures that a community has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["indicators"] = forms.MultipleChoiceField(
            label=_("用哪些数字说话"), choices=_figures(), required=False, widget=forms.SelectMultiple(attrs={"size": 8}),
            help_text=_("最多 6 个，从记录里现算。按住 Ctrl 可以多选。"),
        )  # fmt: skip


class PageForm(_Compares):
    name = text(_("名称"), 40)
    problem = text(_("要解决的问题"), 1000, rows=3)
    way = text(_("做法"), 2000, rows=5)
    effect = text(_("成效"), 1000, rows=3, help_text=_("数字不用写，选好下面的指标，页面自动算出。"))
    since_day = day(_("和哪一天比"), initial=None)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, places: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if places:
            self.fields["place_code"] = forms.ChoiceField(label=_("社区"), choices=places)
            self.order_fields(["place_code"])


class PictureForm(CoverageForm):
    file = forms.FileField(label=_("照片"), widget=forms.ClearableFileInput(attrs={"accept": "image/*"}))
    caption = text(_("照片说明"), 80, required=False, help_text=_("不写照片里的人是谁。"))
    consent = text(_("照片里的人怎样同意"), 120, help_text=_("如现场告知并举手同意，或写认不出人。"))


class PageReasonForm(CoverageForm):
    reason = text(_("原因"), 200)
    version = forms.IntegerField(widget=forms.HiddenInput)


class AssistanceForm(_Compares):
    FIELDS: ClassVar = {}

    starts_on = day(_("开始日期"))
    ends_on = day(_("计划到哪一天"), initial=None)
    goal = text(_("目标"), 400, rows=2)
    document = text(_("文号"), 80)

    def __init__(
        self, places: Choices, parts: Iterable[AssistancePart], units: Choices, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place_code"] = forms.ChoiceField(label=_("社区"), choices=places)
        self.codes = [part.code for part in parts]
        for part in parts:
            self.fields[f"part_{part.code}"] = text(part.name, 300)
        self.fields["unit_department"] = forms.TypedChoiceField(
            label=_("结对的部门"), choices=[("", "—"), *units], coerce=int, empty_value=None, required=False
        )
        self.order_fields(["place_code"])

    def parts(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"part_{code}"] for code in self.codes}

    def units(self) -> dict[str, int]:
        chosen = self.cleaned_data["unit_department"]
        return {"department": chosen} if chosen and "department" in self.codes else {}


class DayForm(CoverageForm):
    kind = forms.ChoiceField(label=_("形式"), choices=EVENTS)
    day = day(_("日期"))
    who = text(_("参加单位"), 200, help_text=_("写单位，不写个人。"))
    seen = text(_("了解到的情况"), 1000, rows=4)
    findings = text(
        _("要办的事（可以不写）"),
        800,
        required=False,
        rows=3,
        help_text=_("一行一件，每件交社区接办，办好有人核实。"),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def lines(self) -> tuple[str, ...]:
        return tuple(self.cleaned_data["findings"].splitlines())


class OutcomeForm(CoverageForm):
    outcome = forms.ChoiceField(label=_("结果"), choices=OUTCOMES)
    reason = text(_("认定理由"), 400, rows=3)


class PartForm(CoverageForm):
    name = text(_("内容"), 60)
    code = text(_("代码"), 30, help_text=_("小写字母，如 leader；用已有的代码就是改它。"))
    rank = forms.IntegerField(label=_("次序"), min_value=1, max_value=20, initial=5)
    valid_from = day(_("从哪天起"))
    clause = text(_("依据"), 200)


class MemberForm(CoverageForm):
    role = forms.ChoiceField(label=_("角色"), choices=ROLES)
    valid_from = day(_("从哪天起"))

    def __init__(self, units: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"] = forms.TypedChoiceField(label=_("成员单位"), choices=units, coerce=int)
        self.order_fields(["unit"])


class ReferForm(CoverageForm):
    FIELDS: ClassVar = {"finding": "title", "found": "text"}

    title = text(_("要办的事"), 80)
    text = text(_("情况和要求"), 1000, rows=3)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, members: Choices, places: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["holder"] = forms.TypedChoiceField(
            label=_("交给哪个成员单位"), choices=members, coerce=int
        )
        self.fields["place_code"] = forms.ChoiceField(label=_("在哪里"), choices=places)
