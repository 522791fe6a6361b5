"""What is asked for a plan of grids, and of what an officer does with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.proposals.forms import BuildingsForm, LockedForm, SendForm
from doorstep.modules.grids.forms import GridsForm
from doorstep.modules.grids.models_plans import PIN_KINDS, STATES

SECONDS = [("10", _("10 秒，先看个大概")), ("30", _("30 秒，一般够用")), ("60", _("60 秒，算得更细"))]
PRICES = [("3", _("尽量少变动")), ("1", _("适当变动")), ("0", _("不看现在怎样分"))]
MOST_GRIDS = 200


def _weight(label: Any, help_text: Any) -> forms.FloatField:
    return forms.FloatField(
        label=label,
        help_text=help_text,
        min_value=0,
        max_value=1000,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )


class PlanForm(GridsForm):
    """A new plan. communities: (code, name, today's number of grids)."""

    title = forms.CharField(label=_("方案名称"), max_length=80, help_text=_("送审时别人看到的就是这个名称。"))

    def __init__(
        self,
        communities: Sequence[tuple[str, str, int]],
        *args: Any,
        weights: Mapping[str, float],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.communities = list(communities)
        for code, name, today in communities:
            self.fields[f"asked_{code}"] = forms.IntegerField(
                label=name, initial=today, min_value=1, max_value=MOST_GRIDS,
                widget=forms.NumberInput(attrs={"class": "form-control"}),
            )  # fmt: skip
        self.fields["household"] = _weight(_("每一户算"), _("一般小区的一户是 1。"))
        self.fields["difficulty"] = _weight(
            _("小区难度的分量"), _("1 是按登记的难度系数计算，0 是不看难度。")
        )
        self.fields["building"] = _weight(_("每栋楼另加"), _("相当于多少户。楼多路远，跑得也多。"))
        for key, value in weights.items():
            self.fields[key].initial = value
        self.fields["price"] = forms.ChoiceField(
            label=_("和现在的网格比"), choices=PRICES, initial="1", widget=forms.RadioSelect,
            help_text=_("变动越少，居民和网格员越不用重新熟悉。"),
        )  # fmt: skip
        self.fields["with_staff"] = forms.BooleanField(
            label=_("按网格员划分"), required=False,
            help_text=_("先按在任网格员的人数划成一样重的几片，再分成网格；每人管自己那片，生效那天网格员一起换。"),
        )  # fmt: skip
        self.fields["seconds"] = forms.ChoiceField(
            label=_("算多久"), choices=SECONDS, initial="30", widget=forms.RadioSelect,
            help_text=_("算的时候可以离开，随时可以停下。"),
        )  # fmt: skip

    @property
    def asked_fields(self) -> list[tuple[forms.BoundField, int]]:
        return [(self[f"asked_{code}"], today) for code, _name, today in self.communities]

    @property
    def asked(self) -> dict[str, int]:
        return {code: self.cleaned_data[f"asked_{code}"] for code, _name, _today in self.communities}

    @property
    def weights(self) -> dict[str, float]:
        return {key: self.cleaned_data[key] for key in ("household", "difficulty", "building")}


class MoveForm(BuildingsForm):
    number = forms.IntegerField(
        label=_("划到"), min_value=0, error_messages={"required": _("请选要划到哪个网格。")}
    )


class PinForm(BuildingsForm):
    kind = forms.ChoiceField(label=_("要求"), choices=PIN_KINDS)
    number = forms.IntegerField(label=_("网格"), min_value=0, required=False)
    words = forms.CharField(label=_("为什么"), max_length=200, required=False)


class NameForm(LockedForm):
    number = forms.IntegerField(min_value=0)
    name = forms.CharField(label=_("网格名称"), max_length=60)


class RunForm(LockedForm):
    seconds = forms.TypedChoiceField(
        label=_("再算"),
        choices=SECONDS,
        coerce=int,
        initial="10",
        widget=forms.Select(attrs={"class": "form-select"}),
    )


class GridSendForm(SendForm):
    document_help = _("同意调整网格的文件编号，例如“演网〔2026〕9号”。")
    day_help = _("到这一天网格换成方案里的样子，之前都可以收回。")


class RemarkForm(GridsForm):
    text = forms.CharField(
        label=_("意见"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("请写下意见。")},
    )  # fmt: skip


class ListForm(forms.Form):
    """Which plans a list shows; the place is a picker of its own."""

    state = forms.ChoiceField(
        label=_("状态"), required=False,
        choices=[
            ("", _("全部")), ("computing", _("正在计算")),
            *((code, name) for code, name in STATES if code not in ("waiting", "running", "dropped")),
        ],
        widget=forms.Select(attrs={"class": "form-select", "data-send-on-change": ""}),
    )  # fmt: skip

    @property
    def asked(self) -> str:
        return str(self.cleaned_data.get("state", "")) if self.is_valid() else ""

    @property
    def states(self) -> tuple[str, ...]:
        """States of plans; none where every one is shown."""
        if self.asked == "computing":
            return ("waiting", "running")
        return (self.asked,) if self.asked else ()


class WorkerForm(LockedForm):
    """Who is to work a new grid; nobody chosen leaves it to the rule."""

    number = forms.IntegerField(min_value=0)
    worker = forms.IntegerField(label=_("网格员"), min_value=1, required=False)
