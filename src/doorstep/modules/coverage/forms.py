"""What is asked for organisations, counts, coverings, gaps and visits. Of communities: forms_communities."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Any, ClassVar, cast

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.organisations.kinds import UNIT_KINDS
from doorstep.kernel.shared import clock
from doorstep.kernel.web.pages import RefusingForm
from doorstep.modules.coverage.models import PLANS, TOPICS, TRADES
from doorstep.modules.coverage.selectors import KINDS

Choices = Sequence[tuple[Any, Any]]
FIRST_DAY, LAST_DAY = dt.date(1949, 10, 1), dt.date(2100, 12, 31)  # beyond them a year is a slip of the hand


def day(label: Any, help_text: Any = "", initial: Any = clock.today) -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, initial=initial,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )  # fmt: skip


def text(
    label: Any, longest: int, required: bool = True, help_text: Any = "", rows: int = 0
) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else None
    return forms.CharField(
        label=label, max_length=longest, required=required, help_text=help_text, widget=widget
    )


def degrees(label: Any, help_text: Any = "") -> forms.FloatField:
    return forms.FloatField(
        label=label, required=False, help_text=help_text, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip


def people(label: Any, required: bool = True) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=100_000, required=required)


class CoverageForm(RefusingForm):
    FIELDS: ClassVar = {"until": "planned_for"}  # services' names of ours


class OrganisationForm(CoverageForm):
    credit_code = text(_("统一社会信用代码"), 24, help_text=_("18 位，见营业执照或登记证书。"))
    name = text(_("名称"), 120)
    kind = forms.ChoiceField(label=_("类型"), choices=[(kind, UNIT_KINDS[kind]) for kind in KINDS])
    trade = forms.ChoiceField(label=_("行业"), choices=TRADES)
    founded_on = day(_("成立日期"), initial=None)
    address = text(_("地址"), 200, help_text=_("没有经纬度的，须与台账里的楼栋地址相同。"))
    longitude = degrees(_("经度"), _("WGS-84，度，如 121.64512。"))
    latitude = degrees(_("纬度"), _("如 38.91837。"))


class CorrectForm(CoverageForm):
    name = text(_("名称"), 120)
    trade = forms.ChoiceField(label=_("行业"), choices=TRADES)
    address = text(_("地址"), 200)
    longitude = degrees(_("经度"))
    latitude = degrees(_("纬度"))
    version = forms.IntegerField(widget=forms.HiddenInput)


class CountForm(CoverageForm):
    counted_on = day(_("统计日期"), _("人数从这一天起算，到下一次统计为止。"))
    staff = people(_("职工人数"))
    full = people(_("正式党员"))
    probationary = forms.IntegerField(label=_("预备党员"), min_value=0, max_value=100_000, initial=0)


class PartyForm(CoverageForm):
    """A party organisation over the organisations of the page."""

    FIELDS: ClassVar = {"organisations": "name", "superior": "name", "place_code": "name"}

    name = text(_("党组织名称"), 120)
    founded_on = day(_("成立日期"))
    document = text(_("批准文号"), 80)
    approved_by = text(_("批准单位"), 120, required=False)


class JoinForm(CoverageForm):
    FIELDS: ClassVar = {"organisations": "party"}

    valid_from = day(_("从哪天起"))
    document = text(_("批准文号"), 80)

    def __init__(self, parties: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["party"] = forms.TypedChoiceField(
            label=_("加入哪个联合党支部"), choices=parties, coerce=int
        )
        self.order_fields(["party"])


class UncoverForm(CoverageForm):
    ended_on = day(_("从哪天起不再覆盖"))
    document = text(_("文号"), 80)


class PlanForm(CoverageForm):
    """`plans`: those that could close the gap."""

    plan = forms.ChoiceField(label=_("用什么办法"))
    planned_for = day(_("计划到哪一天"), initial=None)
    words = text(_("怎么做"), 500, rows=3, help_text=_("谁去做、先做什么。不写个人电话。"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, plans: Collection[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ChoiceField", self.fields["plan"])
        field.choices = [(plan, title) for plan, title in PLANS if plan in plans]


class VisitForm(CoverageForm):
    """For one thumb: what was talked about is ticked, words are optional."""

    topics = forms.MultipleChoiceField(
        label=_("谈了什么"), choices=TOPICS, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请选谈了什么，至少一项。")},
    )  # fmt: skip
    found = text(
        _("了解到的情况（可以不写）"), 1000, required=False, rows=3,
        help_text=_("不写个人的姓名、电话和身份证号。"),
    )  # fmt: skip
    finding = text(
        _("有要办的事（可以不写）"), 80, required=False, help_text=_("一句话；交社区接办，办好有人核实。")
    )
    visited_on = day(_("走访日期"))
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class ReasonForm(CoverageForm):
    reason = text(_("原因"), 200)


class EndForm(CoverageForm):
    ended_on = day(_("终止日期"), _("从这一天起不再有效。"))
