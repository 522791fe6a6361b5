"""What is asked of somebody who calls or comes: what, where, and as much of who as they want to say."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.models import URGENCIES, Matter
from doorstep.kernel.shared.errors import Refused
from doorstep.modules.requests.services import LONGEST_TEXT
from doorstep.modules.requests.services_desk import HOTLINE

NOT_THE_SAME = ""


class TakeDownForm(forms.Form):
    """The place is a picker of its own. `suggested`: items the words point to; `items`: the whole list; `nearby`: open
    requests that may be the same, where the reader may join the new one to one of them."""

    FIELDS = {"title": "text", "for_whom": "name", "item": "other"}  # services' names of ours

    key = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("什么事"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4, "autofocus": True}),
        error_messages={"required": _("请写下对方说的事。")},
    )  # fmt: skip
    address = forms.CharField(
        label=_("具体在哪里"),
        max_length=120,
        required=False,
        help_text=_("门牌、楼、单元，例如 东日路 8 号 2 单元。"),
    )
    item = forms.ChoiceField(label=_("像是哪一项"), required=False, widget=forms.RadioSelect)
    other = forms.ChoiceField(label=_("从全部事项里选"), required=False)
    urgency = forms.ChoiceField(
        label=_("紧急程度"), choices=[("", _("按事项的默认")), *URGENCIES], required=False
    )
    anonymous = forms.BooleanField(label=_("对方不愿留姓名"), required=False)
    name = forms.CharField(label=_("怎么称呼"), max_length=60, required=False)
    phone = forms.CharField(
        label=_("电话"), max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"}),
        help_text=_("留了电话，才能告诉对方进展，也才能回访。"),
    )  # fmt: skip
    same_as = forms.TypedChoiceField(
        label=_("是不是同一件"), coerce=int, empty_value=None, required=False, widget=forms.RadioSelect
    )

    def __init__(
        self, data: Any = None, *, sources: Sequence[str], suggested: Sequence[tuple[str, str]] = (),
        items: Sequence[tuple[str, str]] = (),
        nearby: Sequence[tuple[int, str]] = (), **more: Any,
    ) -> None:  # fmt: skip
        more["initial"] = {"key": uuid.uuid4(), "source": sources[0], "item": ""} | more.get("initial", {})
        super().__init__(data, **more)
        names = dict(Matter.SOURCES)
        self.fields["source"] = forms.ChoiceField(
            label=_("怎么来的"), choices=[(key, names[key]) for key in sources], widget=forms.RadioSelect
        )
        if HOTLINE in sources:
            self.fields["hotline_number"] = forms.CharField(
                label=_("热线工单号"),
                max_length=40,
                required=False,
                help_text=_("对方系统的编号，没有就空着。"),
            )
        self.fields["item"].choices = [("", _("按内容判断")), *suggested]  # type: ignore[attr-defined]  # a choice field
        self.fields["other"].choices = [("", _("不选")), *items]  # type: ignore[attr-defined]  # likewise
        if nearby:
            self.fields["same_as"].choices = [(NOT_THE_SAME, _("不是，另外登记")), *nearby]  # type: ignore[attr-defined]  # likewise
        else:
            del self.fields["same_as"]

    def told(self) -> dict[str, Any]:
        """For the service. Call after is_valid()."""
        given = dict(self.cleaned_data)
        chosen = given.pop("item")
        return given | {"item_code": given.pop("other") or chosen}

    def refuse(self, refusal: Refused) -> None:
        field = self.FIELDS.get(refusal.field, refusal.field)
        self.add_error(field if field in self.fields else None, str(refusal.message))
