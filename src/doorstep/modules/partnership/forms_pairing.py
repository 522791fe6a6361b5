"""What is asked for a pairing, an item of its plan, a visit or something done."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.modules.partnership.forms import Choices, PartnerForm, day, text, year_from_now
from doorstep.modules.partnership.models_pairing import DEED_KINDS


class PairingForm(PartnerForm):
    department = forms.TypedChoiceField(label=_("结对部门"), coerce=int)
    aim = text(_("结对目标"), 300, rows=2)
    document = text(_("文号"), 80)
    valid_from = day(_("起"))
    valid_to = day(_("止"), _("不再结对的第一天；最长五年。"), initial=year_from_now)

    def __init__(self, departments: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].choices = departments  # type: ignore[attr-defined]  # a ChoiceField


class ItemForm(PartnerForm):
    what = text(_("做什么"), 200)
    due_on = day(_("到哪天"))


class DeedForm(PartnerForm):
    kind = forms.ChoiceField(label=_("种类"), choices=DEED_KINDS)
    day = day(_("日期"))
    what = text(_("做了什么"), 400, rows=2)
    people = forms.IntegerField(
        label=_("服务人次"), min_value=0, max_value=100_000, initial=0, help_text=_("只填人数，不填名单。")
    )
    item = forms.TypedChoiceField(
        label=_("办的是计划里的哪一项"), required=False, coerce=int, empty_value=None
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, items: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = [("", _("不在计划里")), *items]  # type: ignore[attr-defined]  # a ChoiceField
