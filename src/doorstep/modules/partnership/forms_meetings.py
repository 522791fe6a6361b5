"""What is asked for a consultation meeting, a topic, its minutes, what was resolved; for a joint activity."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.modules.partnership.activity_kind import CATEGORIES
from doorstep.modules.partnership.forms import Choices, ChosenUnit, PartnerForm, day, time, whole
from doorstep.modules.partnership.forms import text as words
from doorstep.modules.partnership.models_meetings import ORDINARY, RESOLUTION_CLASSES


class _Timed(PartnerForm):
    day = day(_("日期"))
    starts = time(_("开始"))
    ends = time(_("结束"))

    def moments(self) -> tuple[dt.datetime, dt.datetime]:
        """Beginning and end in the district's time; an end that reads earlier is refused by the service."""
        given = self.cleaned_data
        starts = dt.datetime.combine(given["day"], given["starts"], DISTRICT_ZONE)
        return starts, dt.datetime.combine(given["day"], given["ends"], DISTRICT_ZONE)


class ConsultationForm(_Timed):
    title = words(_("名称"), 80)
    where = words(_("地点"), 120)
    key = forms.UUIDField(widget=forms.HiddenInput)
    field_order = ("title", "day", "starts", "ends", "where", "key")


class TopicForm(ChosenUnit):
    title = words(_("议题"), 80)
    text = words(_("说明"), 1000, required=False, rows=3)
    key = forms.UUIDField(widget=forms.HiddenInput)
    field_order = ("unit", "title", "text", "key")

    def __init__(self, units: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(units, *args, **kwargs)
        self.fields["unit"].label = _("以哪个单位的名义")
        if len(units) == 1:
            self.fields["unit"].widget = forms.HiddenInput()
            self.fields["unit"].initial = units[0][0]
        self.order_fields(self.field_order)


class HeldForm(_Timed):
    present = forms.IntegerField(
        label=_("实到人数"), min_value=1, help_text=_("有表决权的委员到了几名。只填人数。")
    )
    decisions = forms.CharField(
        label=_("会上怎么说"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    key = forms.UUIDField(widget=forms.HiddenInput)
    field_order = ("day", "starts", "ends", "present", "decisions", "key")


class ResolutionForm(ChosenUnit):
    title = words(_("决议"), 80, help_text=_("谁做什么，做到什么样。"))
    text = words(_("说明"), 1000, required=False, rows=2)
    category = forms.ChoiceField(label=_("缓急"), choices=RESOLUTION_CLASSES, initial=ORDINARY)
    topic = forms.TypedChoiceField(label=_("议题"), required=False, coerce=int, empty_value=None)
    votes_for = whole(_("赞成（票）"), 0, 1000)
    against = whole(_("反对（票）"), 0, 1000, initial=0)
    abstained = whole(_("弃权（票）"), 0, 1000, initial=0)
    key = forms.UUIDField(widget=forms.HiddenInput)
    field_order = ("title", "votes_for", "against", "abstained", "unit", "category", "topic", "text", "key")

    def __init__(self, units: Choices, topics: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(units, *args, **kwargs)
        self.fields["unit"].label = _("责任单位")
        self.fields["topic"].choices = [("", "—"), *topics]  # type: ignore[attr-defined]  # a ChoiceField
        self.order_fields(self.field_order)


class AssignForm(ChosenUnit):
    note = words(_("说明"), 500, required=False, rows=2)
    version = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ("unit", "note", "version")


class GatheringForm(_Timed):
    title = words(_("名称"), 80)
    category = forms.ChoiceField(label=_("类别"), choices=CATEGORIES)
    where = words(_("地点"), 120)
    text = words(_("介绍"), 2000, required=False, rows=3)
    phone = words(_("联系电话"), 40, required=False, help_text=_("填办公电话，不填个人手机。"))
    by_sign_up = forms.BooleanField(label=_("需要报名"), required=False)
    units = forms.TypedMultipleChoiceField(
        label=_("和哪些单位一起办"), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    key = forms.UUIDField(widget=forms.HiddenInput)
    field_order = (
        "title", "category", "day", "starts", "ends", "where", "units", "text", "phone", "by_sign_up", "key",
    )  # fmt: skip

    def __init__(self, units: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["units"].choices = units  # type: ignore[attr-defined]  # a ChoiceField
