"""What is asked for the things done to a matter beside its steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.forms import LONGEST
from doorstep.kernel.matters.selectors import number_in
from doorstep.kernel.matters.services_links import Piece
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.kernel.shared.errors import Refused

Choices = Sequence[tuple[Any, Any]]
REPORTER, STAFF = "reporter", "staff"
PARTS_OFFERED = 4  # rows of the form; more units than that are asked in a second split
_AT = "%Y-%m-%dT%H:%M"


def words(
    label: Any, longest: int = LONGEST, *, required: bool = True, help_text: Any = ""
) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=longest, required=required, help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class ActForm(forms.Form):
    """A form with the version of the matter it was made from, into which a service's refusal can be written."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def refuse(self, refusal: Refused) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal.message))


class NumberField(forms.CharField):
    """The number of a matter as people say it; gives the row's number, None where it may be left empty."""

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        found = number_in(text)
        if text and found is None:
            raise forms.ValidationError(_("编号要像 QS0000123 这样填写。"))
        return found


class RemarkForm(ActForm):
    """`for_staff`: whoever is in office in the matter chooses who reads it; its reporter has no choice."""

    def __init__(self, *args: Any, for_staff: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["remark"] = words(_("留言"))
        if for_staff:
            self.fields["readers"] = forms.ChoiceField(
                label=_("谁能看到"), initial=STAFF, widget=forms.RadioSelect,
                choices=[(STAFF, _("只给工作人员")), (REPORTER, _("报告人也能看到"))],
            )  # fmt: skip


class AskExtensionForm(ActForm):
    """More time: until when, and why, for whoever grants it."""

    field_order = ("due_day", "internal", "version")

    due_day = forms.DateField(
        label=_("延到哪一天"), help_text=_("这一天结束前。"), widget=forms.DateInput(attrs={"type": "date"})
    )
    internal = words(_("理由"), help_text=_("给批准的人看，报告人看不到。"))


class AnswerForm(ActForm):
    """An answer in words, to whom the field's label says."""

    def __init__(self, *args: Any, field: str, label: Any, help_text: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[field] = words(label, help_text=help_text)


class FileForm(ActForm):
    file = forms.FileField(
        label=_("文件"),
        help_text=_("图片、PDF、Word 或 Excel。图片里的拍摄地点会去掉。"),
        widget=forms.FileInput(attrs={"accept": "image/*,.pdf,.docx,.xlsx"}),
    )

    def __init__(self, *args: Any, for_staff: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if for_staff:
            self.fields["internal"] = forms.BooleanField(label=_("仅工作人员可见"), required=False)


def _tomorrow_at_five() -> dt.datetime:
    return dt.datetime.combine(clock.today() + dt.timedelta(days=1), dt.time(17), DISTRICT_ZONE)


class SuperviseForm(ActForm):
    reason = words(_("督办事由"), 500, help_text=_("承办单位看得到，报告人看不到。"))
    reply_due = forms.DateTimeField(
        label=_("什么时候前回复"), initial=_tomorrow_at_five, input_formats=[_AT],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_AT),
    )  # fmt: skip


class OrderForm(ActForm):
    """Words about one of the open supervision orders; chosen where there are several."""

    def __init__(
        self, *args: Any, orders: Choices, field: str, label: Any, longest: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["order"] = forms.TypedChoiceField(
            label=_("督办"), choices=orders, coerce=int, initial=orders[0][0] if orders else None,
            widget=forms.HiddenInput if len(orders) == 1 else forms.Select,
        )  # fmt: skip
        self.fields[field] = words(label, longest)


class MergeForm(ActForm):
    """Into which: one that was found nearby, or by its number."""

    def __init__(self, *args: Any, nearby: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if nearby:
            self.fields["near"] = forms.TypedChoiceField(
                label=_("附近可能是同一件的"), choices=[*nearby, ("", _("都不是，下面填编号"))], coerce=int,
                empty_value=None, required=False, initial="", widget=forms.RadioSelect,
            )  # fmt: skip
        self.fields["main_id"] = NumberField(
            label=_("并入哪一件（编号）"), max_length=20, required=not nearby
        )
        self.fields["reason"] = words(
            _("理由"), 200, required=False, help_text=_("记在办理经过里，报告人看不到。")
        )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors and not found.get("near") and not found.get("main_id"):
            self.add_error("main_id", _("请选一件，或者填编号。"))
        return found


class ReasonForm(ActForm):
    reason = words(_("理由"), 200)


class RelateForm(ReasonForm):
    field_order = ("version", "other_id", "reason")

    other_id = NumberField(label=_("与哪一件相关（编号）"), max_length=20)


class UnrelateForm(ActForm):
    def __init__(self, *args: Any, related: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other_id"] = forms.TypedChoiceField(
            label=_("不再关联哪一件"), choices=related, coerce=int
        )


class ItemForm(ActForm):
    def __init__(self, *args: Any, items: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"] = forms.ChoiceField(
            label=_("事项"), choices=[("", _("请选择")), *items], help_text=_("已经开始计时的期限不变。")
        )


class PlaceForm(ActForm):
    """`places`: (community, its grids) as groups of choices."""

    def __init__(self, *args: Any, places: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place_code"] = forms.ChoiceField(
            label=_("实际在哪里"), choices=[("", _("请选择")), *places]
        )
        self.fields["internal"] = words(_("怎么知道的"), help_text=_("只有工作人员看得到。"))
        self.fields["note"] = words(_("给报告人的说明"), required=False)


class SplitForm(ActForm):
    """To which units, and what each is to do: without words it is the whole report."""

    def __init__(self, *args: Any, units: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in range(1, PARTS_OFFERED + 1):
            self.fields[f"unit_{row}"] = forms.TypedChoiceField(
                label=_("第 %(n)d 个单位") % {"n": row}, choices=[("", _("请选择") if row == 1 else _("没有了")), *units],
                coerce=int, empty_value=None, required=row == 1,
            )  # fmt: skip
            self.fields[f"title_{row}"] = forms.CharField(
                label=_("请它办什么"), max_length=80, required=False,
                help_text=_("空着就与原来的事由相同。") if row == 1 else "",
            )  # fmt: skip

    def pieces(self) -> list[Piece]:
        data = self.cleaned_data
        return [
            Piece(data[f"unit_{row}"], data[f"title_{row}"])
            for row in range(1, PARTS_OFFERED + 1)
            if data[f"unit_{row}"]
        ]

    def refuse(self, refusal: Refused) -> None:
        self.add_error("unit_1" if refusal.field == "pieces" else None, str(refusal.message))
