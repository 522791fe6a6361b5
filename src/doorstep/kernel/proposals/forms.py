"""What is asked of whoever does something with a plan; the plan's own module adds what is its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.shared import clock
from doorstep.kernel.web.pages import RefusingForm


class LockedForm(RefusingForm):
    """Something done to the plan as somebody looked at it."""

    lock_version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class BuildingsForm(LockedForm):
    """Of some of the plan's buildings (ids)."""

    def __init__(self, ids: Sequence[int], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["buildings"] = forms.TypedMultipleChoiceField(
            label=_("楼栋"), coerce=int, choices=[(str(one), str(one)) for one in ids],
            error_messages={
                "required": _("请先在图上点选，或者在下面勾选楼栋。"),
                "invalid_choice": _("有楼栋不在这个方案里。"),
            },
        )  # fmt: skip


class RemovePinForm(LockedForm):
    pin_id = forms.IntegerField(min_value=1)


class SendForm(LockedForm):
    """document: what the paper is; day: what the day of effect means; both in the plan's own words."""

    document = forms.CharField(label=_("文号"), max_length=80)
    document_help: Any = ""
    day_help: Any = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document"].help_text = self.document_help
        self.fields["effective_on"] = forms.DateField(
            label=_("生效日期"), help_text=self.day_help, initial=clock.today,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        )  # fmt: skip
        self.order_fields(["effective_on", "document"])


class BackForm(LockedForm):
    reason = forms.CharField(
        label=_("退回的原因"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("请写明退回的原因，送审的人会看到。")},
    )  # fmt: skip


class PlaceForm(RefusingForm):
    """Which place a new plan is of."""

    def __init__(self, places: Sequence[tuple[Any, Any]], label: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"] = forms.ChoiceField(label=label, choices=places)
