"""What is asked of whistles: a new one, whom to call, a department's own answer, the street's judgement."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.forms import LONGEST, StepForm
from doorstep.kernel.matters.forms import form_for as kernel_form_for
from doorstep.kernel.matters.laws import Transition
from doorstep.kernel.matters.models import URGENCIES, Matter
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused
from doorstep.modules.requests.models_whistle import WHISTLE_GRADES
from doorstep.modules.requests.selectors_whistle import CallableUnit, Ground, units_to_call

KINDS = (("department", _("区直部门")), ("property_company", _("物业企业")))
# the same input means another thing in each step of a whistle
LABELS: dict[tuple[str, str], Any] = {
    ("issue", "note"): _("给各单位的说明"), ("issue", "internal"): _("内部说明"), ("accept", "note"): _("应哨说明"),
    ("object", "internal"): _("异议理由"), ("arrive", "note"): _("到场说明"), ("plan", "internal"): _("商定的处置方案"),
    ("handle", "note"): _("处置结果"), ("verify", "note"): _("核实情况"), ("rework", "internal"): _("哪里没有办到"),
    ("escalate", "internal"): _("报区里的理由"), ("decide", "internal"): _("裁定理由"), ("dismiss", "internal"): _("不办的理由"),
    ("reassign", "internal"): _("改派理由"), ("decline", "internal"): _("不吹哨的理由"), ("close", "note"): _("结案说明"),
}  # fmt: skip
LEADS = ("issue", "reassign", "decide")


def grouped(units: Sequence[CallableUnit]) -> list[tuple[Any, list[tuple[int, str]]]]:
    """Units to choose from, by kind; where nobody would see the call, the choice says so."""
    groups = [
        (name, [(unit.unit_id, _named(unit)) for unit in units if unit.kind == kind]) for kind, name in KINDS
    ]
    return [group for group in groups if group[1]]


def _named(unit: CallableUnit) -> str:
    return unit.name if unit.staffed else _now("%(unit)s（平台上无人在岗）") % {"unit": unit.name}


class _Refusable(forms.Form):
    FIELDS = {"lead_id": "unit_id", "internal": "reason", "grade": "value"}  # services' names of ours

    def refuse(self, refusal: Refused) -> None:
        field = refusal.field if refusal.field in self.fields else self.FIELDS.get(refusal.field, "")
        text = str(refusal.message)
        if refusal.clause:
            text += _now("（依据：%(clause)s）") % {"clause": refusal.clause}
        self.add_error(field if field in self.fields else None, text)


class CalledField(forms.TypedMultipleChoiceField):
    """Several units, ticked."""

    def __init__(self, units: Sequence[CallableUnit], **more: Any) -> None:
        choices = [choice for _kind, group in grouped(units) for choice in group]
        super().__init__(
            choices=choices, coerce=int, required=False, widget=forms.CheckboxSelectMultiple, **more
        )


def lead_field(units: Sequence[CallableUnit], **more: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        choices=[("", _("请选择")), *grouped(units)], coerce=int, empty_value=None, **more
    )


class NewWhistleForm(_Refusable):
    """Where is chosen before (departments depend on it). `calls`: the street whistles at once; else it is proposed."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    title = forms.CharField(label=_("什么事"), max_length=80)
    text = forms.CharField(
        label=_("情况"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("在哪里、谁受影响、街道已经做了什么、要部门来做什么。"),
    )  # fmt: skip
    urgency = forms.ChoiceField(label=_("紧急程度"), choices=URGENCIES, initial="normal")

    def __init__(
        self, grounds: Sequence[Ground], units: Sequence[CallableUnit], *args: Any, calls: bool, **kwargs: Any
    ) -> None:
        kwargs["initial"] = {"key": uuid.uuid4(), "arrive_by": next_morning()} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["ground"] = forms.ChoiceField(
            label=_("法定事由"), choices=[(ground.code, _now("%(ground)s（%(clause)s）") % {"ground": ground.name, "clause": ground.clause}) for ground in grounds],
            widget=forms.RadioSelect,
        )  # fmt: skip
        self.fields["arrive_by"] = forms.DateTimeField(
            label=_("到场时限"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            help_text=_("被叫的单位最晚什么时候到现场（北京时间）。"),
        )  # fmt: skip
        if calls:
            self.fields["unit_id"] = lead_field(units, label=_("牵头单位"))
            self.fields["others"] = CalledField(units, label=_("协办单位"))
        self.order_fields(("key", "title", "text", "ground", "unit_id", "others", "arrive_by", "urgency"))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("unit_id") in (data.get("others") or []):
            data["others"] = [unit for unit in data["others"] if unit != data["unit_id"]]
        return data


def next_morning() -> dt.datetime:
    """Tomorrow at nine, as a start to change."""
    day = clock.today() + dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(9), clock.DISTRICT_ZONE)


class WhistleStepForm(StepForm):
    """A step of a whistle in its own words; where a lead is named, departments to choose from."""

    def __init__(
        self, row: Transition, data: Any = None, *, version: int, units: Sequence[CallableUnit] = ()
    ) -> None:
        super().__init__(row, data, version=version)
        for name, field in self.fields.items():
            field.label = LABELS.get((row.name, name), field.label)
        if row.name in LEADS:
            self.fields["unit_id"] = lead_field(units, label=_("牵头单位"))
        if row.name == "issue":
            self.fields["others"] = CalledField(units, label=_("协办单位"))
            self.order_fields(("version", "unit_id", "others", "note", "internal"))

    def inputs(self) -> Inputs:
        """Supporting units go along as data of the step."""
        others = self.cleaned_data.pop("others", None)
        found = super().inputs()
        if others is None:
            return found
        lead = found.unit_id
        return Inputs(**(vars(found) | {"data": {"others": [unit for unit in others if unit != lead]}}))


def form_for(matter: Matter, row: Transition, data: Any = None) -> StepForm:
    """The form of a step of any matter: of a whistle in its own words, else the kernel's."""
    if matter.kind != "whistle":
        return kernel_form_for(matter, row, data)
    units = units_to_call(matter.place_code) if row.name in LEADS else []
    return WhistleStepForm(row, data, version=matter.version, units=units)


class AnswerForm(_Refusable):
    """A supporting department accepts or signs its arrival."""


class ExcuseForm(_Refusable):
    reason = forms.CharField(label=_("异议理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class GradeForm(_Refusable):
    value = forms.TypedChoiceField(
        label=_("评价"), choices=WHISTLE_GRADES, coerce=int, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("说明"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("评“差”须写明哪里不好。"),
    )  # fmt: skip


class CallMoreForm(_Refusable):
    def __init__(self, units: Sequence[CallableUnit], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit_ids"] = CalledField(units, label=_("再叫哪些单位"))
        self.fields["unit_ids"].required = True
