"""What is asked of a call-back, and of the period of a report."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.shared.errors import Refused
from doorstep.modules.requests.models import GRADES, CallBack

REACHED, NOT_REACHED = "yes", "no"
_YES_NO = [("yes", _("是")), ("no", _("否"))]


class CallBackForm(forms.Form):
    """Reached or not, and why; what the reporter says of the outcome. Only what was reached is judged."""

    reached = forms.ChoiceField(
        label=_("这次回访"), choices=[(REACHED, _("报告人本人回答了")), (NOT_REACHED, _("没有有效回答"))],
        widget=forms.RadioSelect, error_messages={"required": _("请先选这次有没有问到本人。")},
    )  # fmt: skip
    invalid_reason = forms.ChoiceField(
        label=_("为什么没有问到"), choices=CallBack.INVALID, widget=forms.RadioSelect, required=False
    )
    contacted = forms.ChoiceField(
        label=_("承办人联系过您吗"), choices=_YES_NO, widget=forms.RadioSelect, required=False
    )
    solved = forms.ChoiceField(
        label=_("问题解决了吗"), choices=_YES_NO, widget=forms.RadioSelect, required=False
    )
    satisfaction = forms.TypedChoiceField(
        label=_("对办理满意吗"), choices=GRADES, coerce=int, empty_value=None, widget=forms.RadioSelect,
        required=False,
    )  # fmt: skip
    words = forms.CharField(
        label=_("报告人的话（可以不写）"), required=False, max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("reached") == NOT_REACHED and not given.get("invalid_reason"):
            self.add_error("invalid_reason", _("无效回访请选明原因。"))
        if given.get("reached") == REACHED:
            for name, words in (
                ("contacted", _("请记下承办人有没有联系过报告人。")), ("solved", _("请记下问题有没有解决。")),
                ("satisfaction", _("请选满意程度。")),
            ):  # fmt: skip
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return given

    def values(self) -> dict[str, Any]:
        """For the service. Call after is_valid()."""
        given = self.cleaned_data
        if given["reached"] == NOT_REACHED:
            return {"valid": False, "invalid_reason": given["invalid_reason"], "words": given["words"]}
        return {
            "valid": True, "contacted": given["contacted"] == "yes", "solved": given["solved"] == "yes",
            "satisfaction": given["satisfaction"], "words": given["words"],
        }  # fmt: skip

    def refuse(self, refusal: Refused) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal.message))


class ListForm(forms.Form):
    """A form into which a service's refusal can be written."""

    def refuse(self, refusal: Refused) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal.message))


class EndForm(ListForm):
    ended_on = forms.DateField(
        label=_("从哪天起"), widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": _("请选从哪天起。"), "invalid": _("日期不对，请写成 2026-07-01 这样。")},
    )  # fmt: skip
