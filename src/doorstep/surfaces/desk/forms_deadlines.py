"""What is asked for a term, a published year, and a hand-over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.categories import categories_of
from doorstep.kernel.matters.laws import all_laws
from doorstep.kernel.matters.models import URGENCIES
from doorstep.kernel.matters.models_deadlines import CLOCKS, MEASURES, RHYTHMS
from doorstep.kernel.shared.errors import Refused
from doorstep.surfaces.desk.forms_appointments import day


class _Refusable(forms.Form):
    def refuse(self, refusal: Refused) -> None:
        field = refusal.field if refusal.field in self.fields else None
        self.add_error(field, str(refusal.message))


class TermForm(_Refusable):
    """How much, from when, on what ground; for a new term also of what."""

    amount = forms.IntegerField(label=_("时长"), min_value=1)
    measure = forms.ChoiceField(label=_("单位"), choices=MEASURES)
    valid_from = day(_("从哪一天起"), _("这一天起新开始计时的事项按它计算；已经在计时的不变。"))
    clause = forms.CharField(label=_("依据"), max_length=200)


class NewTermForm(TermForm):
    field_order = ("kind", "promise", "category", "urgency", "amount", "measure", "valid_from", "clause")

    urgency = forms.ChoiceField(label=_("紧急程度"), choices=[("", _("不限")), *URGENCIES], required=False)
    promise = forms.ChoiceField(label=_("承诺"), choices=[*CLOCKS, *RHYTHMS])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(law.kind, str(law.name)) for law in all_laws()]
        self.fields["kind"] = forms.ChoiceField(label=_("种类"), choices=kinds)
        groups = [(name, list(categories_of(kind).items())) for kind, name in kinds if categories_of(kind)]
        self.fields["category"] = forms.ChoiceField(
            label=_("类别"), choices=[("", _("不限")), *groups], required=False
        )
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("category") and given["category"] not in categories_of(given.get("kind", "")):
            self.add_error("category", _("这一类别不属于所选的种类。"))
        return given


class RetentionForm(_Refusable):
    months = forms.IntegerField(label=_("办结后保存几个月"), min_value=1)
    valid_from = day(_("从哪一天起"), _("这一天起按它删除：缩短了的，已经超过的当夜就删，不能找回。"))
    clause = forms.CharField(label=_("依据"), max_length=200)


class CalendarForm(_Refusable):
    year = forms.IntegerField(label=_("年份"), min_value=2004, max_value=2100)
    document = forms.CharField(label=_("公布安排的文号"), max_length=80)
    file = forms.FileField(
        label=_("日历表（Excel 或 CSV）"),
        help_text=_("每行一天：日期、上班或休息、说明。只列与平日不同的日子也可以。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
    )
    replace = forms.BooleanField(
        label=_("更正：国家调整了这一年的安排"), required=False, help_text=_("已经核定的期限不再变动。")
    )


class ExtendForm(_Refusable):
    """By when, and why: the reporter reads it. `promises`: those that run."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, promises: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["promise"] = forms.ChoiceField(label=_("承诺"), choices=promises)
        self.fields["due_day"] = day(_("延到哪一天"), _("这一天结束前。"))
        self.fields["note"] = forms.CharField(
            label=_("给报告人的说明"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
        )


class HandOverForm(_Refusable):
    def __init__(self, people: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"] = forms.ChoiceField(label=_("接收人"), choices=people)
        self.fields["internal"] = forms.CharField(
            label=_("内部说明"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
        )
