"""What is asked before a unit is founded or adjusted: the fields of one act, and the form before a founding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.organisations.adjustments import ActOnUnit
from doorstep.kernel.organisations.rules import APPROVED_KINDS
from doorstep.kernel.shared.errors import Refused
from doorstep.kernel.shared.numerals import whole_number
from doorstep.surfaces.desk.forms_appointments import day

Choices = Sequence[tuple[str, str]]
_NAMED = ("found", "rename", "split")
_WITH_CODE = ("found", "code", "split")
_WITH_OFFICE = ("found", "office")
# the field of the page for each field that a service may name
_FIELDS = {"founded_on": "effective_on", "unit_ids": "others", "into": "others"}


class UnitForm(forms.Form):
    """Fields of one act on a unit; what can be chosen comes from the page."""

    versions = forms.CharField(widget=forms.HiddenInput, required=False)
    shown = forms.CharField(
        widget=forms.HiddenInput, required=False
    )  # digest of what the preview was made from
    field_order = (
        "name", "superior", "others", "below", "credit_code", "phone", "hours", "address", "effective_on", "document",
        "approved_by", "note", "versions", "shown",
    )  # fmt: skip

    def __init__(
        self, act: ActOnUnit, kind: str, choices: Mapping[str, Choices], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.act, self.kind = act, kind
        if act in _NAMED:
            label = {"found": _("名称"), "rename": _("新名称"), "split": _("新单位的名称")}[act]
            self.fields["name"] = forms.CharField(label=label, max_length=120)
        self._choices(choices)
        if act in _WITH_CODE:
            self.fields["credit_code"] = forms.CharField(
                label=_("统一社会信用代码"), max_length=24, required=act == "code",
                help_text=_("18位，见证照；没有的不填。") if act != "code" else _("18位，见证照。"),
            )  # fmt: skip
        if act in _WITH_OFFICE:
            self._office()
        if act != "code":
            self.fields["effective_on"] = day(
                _("成立日期") if act == "found" else _("生效日期"), _("可以是将来的一天。")
            )
        if act not in ("office", "code"):
            self._paper(required=kind in APPROVED_KINDS)
        self.order_fields(self.field_order)

    def _choices(self, choices: Mapping[str, Choices]) -> None:
        if "superior" in choices:
            self.fields["superior"] = forms.ChoiceField(
                label=_("上级单位"), required=False, choices=[("", _("（没有上级）")), *choices["superior"]]
            )
        for name, label, required in (
            ("others", _("并入的单位"), True),
            ("below", _("划给新单位的下级"), False),
        ):
            if choices.get(name):
                self.fields[name] = forms.MultipleChoiceField(
                    label=label, required=required, choices=choices[name], widget=forms.CheckboxSelectMultiple
                )

    def _office(self) -> None:
        self.fields["phone"] = forms.CharField(
            label=_("办公电话"),
            max_length=40,
            required=False,
            help_text=_("居民在“谁在管我家门口”看到它；不写个人手机号。"),
        )
        self.fields["hours"] = forms.CharField(
            label=_("办公时间"), max_length=120, required=False, help_text=_("如：周一至周五 8:30—17:00。")
        )
        self.fields["address"] = forms.CharField(label=_("办公地址"), max_length=200, required=False)

    def _paper(self, required: bool) -> None:
        self.fields["document"] = forms.CharField(
            label=_("批准文号"), max_length=80, required=required,
            help_text=_("批准这次办理的文件。") if required else _("没有文件的不填。"),
        )  # fmt: skip
        self.fields["approved_by"] = forms.CharField(label=_("批准单位"), max_length=120, required=False)
        self.fields["note"] = forms.CharField(
            label=_("说明"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
        )

    def refuse(self, refusal: Refused) -> None:
        """Write a service's refusal at the field it names."""
        field = _FIELDS.get(refusal.field, refusal.field)
        text = str(refusal.message)
        if refusal.page:
            text = format_html('{} <a href="{}">{}</a>', text, refusal.page, _("去办理"))
        self.add_error(field if field in self.fields else None, text)

    @property
    def expected(self) -> dict[int, int]:
        """Versions that the officer looked at, as "unit:version,…"; what is no such pair is left out."""
        pairs = [
            pair.split(":")
            for pair in self.cleaned_data.get("versions", "").split(",")
            if pair.count(":") == 1
        ]
        numbers = [(whole_number(unit), whole_number(version)) for unit, version in pairs]
        return {unit: version for unit, version in numbers if unit is not None and version is not None}
