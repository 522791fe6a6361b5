"""What is asked of a look at something settled on the spot."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.modules.requests.forms import NOT_REACHED, REACHED, ListForm
from doorstep.modules.requests.models import SpotCheck


class SpotCheckForm(ListForm):
    """Whether the record holds; where it does not, why, and what was seen. The fields stand as those of a call-back."""

    reached = forms.ChoiceField(
        label=_("去看过，记录属实吗"), choices=[(REACHED, _("属实，已经办好")), (NOT_REACHED, _("不属实"))],
        widget=forms.RadioSelect, error_messages={"required": _("请先选记录是否属实。")},
    )  # fmt: skip
    invalid_reason = forms.ChoiceField(
        label=_("哪里不属实"), choices=SpotCheck.INVALID, widget=forms.RadioSelect, required=False
    )
    words = forms.CharField(
        label=_("看到的情况（不属实的要写）"), required=False, max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
    )  # fmt: skip

    def values(self) -> dict[str, Any]:
        """For the service. Call after is_valid()."""
        given = self.cleaned_data
        return {
            "valid": given["reached"] == REACHED, "invalid_reason": given["invalid_reason"], "words": given["words"],
        }  # fmt: skip
