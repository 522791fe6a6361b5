"""What is asked for a plan of building groups, of what an officer does with one, and of how many members live in buildings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.proposals.forms import BuildingsForm, LockedForm, SendForm
from doorstep.modules.chain.forms import ChainForm, amount, day
from doorstep.modules.chain.models_group_plans import PIN_KINDS

NEW = "new"
Branches = Sequence[tuple[int, str, int, int, int]]


def _people(label: Any, help_text: Any, least: int, initial: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, help_text=help_text, min_value=least, max_value=500, initial=initial,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )  # fmt: skip


class AskForm(LockedForm):
    """What groups are to be like. branches: (unit, name, groups today, buildings, members)."""

    def __init__(
        self, branches: Branches, *args: Any, minimum: int, size: int, least: int, asked: Mapping[int, int] | None = None,
        short: bool = True, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.branches = list(branches)
        self.fields["minimum"] = _people(
            _("每组至少几名正式党员"),
            _("规定是%(least)d名，可以多，不能少。") % {"least": least},
            least,
            minimum,
        )
        self.fields["size"] = _people(_("每组大约几名"), _("组数按这个来定。"), least, size)
        self.fields["short"] = forms.BooleanField(
            label=_("凑不够人数的单独成组"), required=False, initial=short,
            help_text=_("有的楼和本支部其他楼不相邻，党员又少：勾选就单独成组并标出来，不勾选就先不算，告诉您是哪几栋。"),
        )  # fmt: skip
        for unit, name, _today, _buildings, _members in self.branches:
            self.fields[f"asked_{unit}"] = forms.IntegerField(
                label=name, min_value=1, max_value=500, required=False, initial=(asked or {}).get(unit),
                widget=forms.NumberInput(attrs={"class": "form-control"}),
            )  # fmt: skip

    @property
    def asked_fields(self) -> list[tuple[forms.BoundField, int, int, int]]:
        return [
            (self[f"asked_{unit}"], today, buildings, members)
            for unit, _name, today, buildings, members in self.branches
        ]

    @property
    def asked(self) -> dict[int, int]:
        found = {unit: self.cleaned_data.get(f"asked_{unit}") for unit, *_rest in self.branches}
        return {unit: count for unit, count in found.items() if count}


class PlanForm(AskForm):
    """A new plan of a community, or of one branch of it."""

    title = forms.CharField(label=_("方案名称"), max_length=80, help_text=_("送审时别人看到的就是这个名称。"))

    def __init__(self, branches: Branches, *args: Any, **kwargs: Any) -> None:
        super().__init__(branches, *args, **kwargs)
        choices = [("", _("整个社区")), *((str(unit), name) for unit, name, *_rest in branches)]
        self.fields["branch"] = forms.TypedChoiceField(
            label=_("给谁做"), choices=choices, required=False, coerce=int, empty_value=None
        )
        self.order_fields(["title", "branch", "minimum", "size", "short"])


class _GroupForm(BuildingsForm):
    """Buildings and a group of the plan, or a new one."""

    def __init__(self, ids: Sequence[int], *args: Any, **kwargs: Any) -> None:
        super().__init__(ids, *args, **kwargs)
        self.fields["number"] = forms.RegexField(
            rf"^(\d{{1,6}}|{NEW})$", label=_("划到"),
            error_messages={"required": _("请选要划到哪个小组。"), "invalid": _("方案里没有这个小组。")},
        )  # fmt: skip

    def clean_number(self) -> int | None:
        found = self.cleaned_data["number"]
        return int(found) if found and found != NEW else None


class MoveForm(_GroupForm):
    pass


class PinForm(_GroupForm):
    kind = forms.ChoiceField(label=_("要求"), choices=PIN_KINDS)
    words = forms.CharField(label=_("为什么"), max_length=200, required=False)


class NameForm(LockedForm):
    number = forms.IntegerField(min_value=0)
    name = forms.CharField(label=_("小组名称"), max_length=40)


class GroupSendForm(SendForm):
    document_help = _("同意调整小组的文件编号，例如“演组〔2026〕9号”。")
    day_help = _("到这一天小组换成方案里的样子，之前都可以收回。")
    approval = forms.CharField(
        label=_("例外批准文号"),
        max_length=80,
        required=False,
        help_text=_("有小组人数不足、但已经上级批准时填写。"),
    )


class MembersForm(ChainForm):
    """How many full members live in each building of a branch; what is left empty is not counted.

    buildings: (id, name, last count or None).
    """

    def __init__(self, buildings: Sequence[tuple[int, str, int | None]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.buildings = list(buildings)
        self.fields["counted_on"] = day(_("统计日期"))
        for pk, name, _last in self.buildings:
            self.fields[f"full_{pk}"] = amount(name)
            self.fields[f"full_{pk}"].widget.attrs["class"] = "form-control"

    @property
    def rows(self) -> list[tuple[forms.BoundField, int | None]]:
        return [(self[f"full_{pk}"], last) for pk, _name, last in self.buildings]

    @property
    def counts(self) -> dict[int, int]:
        found = {pk: self.cleaned_data.get(f"full_{pk}") for pk, _name, _last in self.buildings}
        return {pk: full for pk, full in found.items() if full is not None}
