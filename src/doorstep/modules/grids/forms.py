"""What is asked for an arrangement of workers, a visit, a force, a professional, a time, a question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.shared import clock
from doorstep.kernel.web.pages import RefusingForm
from doorstep.modules.grids.models import DUTIES, FORCE_KINDS
from doorstep.modules.grids.models_roster import PROFESSIONS, WEEKDAYS

Choices = Sequence[tuple[str, Any]]
FIELDS = {"on": "valid_to", "effective_on": "valid_from", "places": "grids"}  # services' names of ours


def day(label: Any, help_text: Any = "", required: bool = True, initial: Any = None) -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, required=required, initial=initial or (clock.today if required else None),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip


def document() -> forms.CharField:
    return forms.CharField(label=_("文号"), max_length=80, required=False)


class GridsForm(RefusingForm):
    """A form of grids."""

    FIELDS = FIELDS


class GiveForm(GridsForm):
    """Grids without a worker, given to one of the community's workers."""

    def __init__(self, grids: Choices, workers: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grids"] = forms.MultipleChoiceField(
            label=_("没有网格员的网格"), choices=grids, widget=forms.CheckboxSelectMultiple,
            initial=[code for code, _name in grids],
        )  # fmt: skip
        self.fields["worker"] = forms.ChoiceField(label=_("交给"), choices=workers)
        self.fields["valid_from"] = day(_("起"))
        self.fields["document"] = document()


class SetGridsForm(GridsForm):
    def __init__(self, grids: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grids"] = forms.MultipleChoiceField(
            label=_("负责的网格"), choices=grids, widget=forms.CheckboxSelectMultiple
        )
        self.fields["valid_from"] = day(_("起"))
        self.fields["document"] = document()


class _PersonForm(GridsForm):
    def __init__(self, persons: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"] = forms.ChoiceField(label=_("人员"), choices=persons or [("", _("请先查找"))])


class AppointWorkerForm(_PersonForm):
    def __init__(self, grids: Choices, persons: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(persons, *args, **kwargs)
        self.fields["grids"] = forms.MultipleChoiceField(
            label=_("负责的网格"), choices=grids, widget=forms.CheckboxSelectMultiple
        )
        self.fields["valid_from"] = day(_("起"))
        self.fields["full_time"] = forms.BooleanField(label=_("专职"), required=False, initial=True)
        self.fields["document"] = document()


class LeaveForm(_PersonForm):
    """proposed: who stands in by the plan of workers in effect."""

    def __init__(self, persons: Choices, *args: Any, proposed: str = "", **kwargs: Any) -> None:
        super().__init__(persons, *args, **kwargs)
        self.fields["person"].label = _("由谁代理")
        if proposed:
            self.fields["person"].help_text = format_lazy(
                _("网格员方案定的是{name}，可以另选。"), name=proposed
            )
        self.fields["valid_from"] = day(_("休假起"))
        self.fields["valid_to"] = day(_("回岗日"), _("不再代理的第一天。"))
        self.fields["document"] = document()


class ReleaseForm(GridsForm):
    """Who takes the grids and the open matters over, then the last day."""

    def __init__(
        self, successors: Choices, receivers: Choices, waiting: int, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        nobody = [("", _("暂时没有，网格先空着"))]
        self.fields["successor"] = forms.ChoiceField(
            label=_("网格交给"), choices=[*successors, *nobody], required=False
        )
        if waiting:
            self.fields["receiver"] = forms.ChoiceField(
                label=_("未结事项交给"), choices=[("", _("请选择")), *receivers], required=True,
                help_text=_("接收人须负责事项所在的网格。期限不变，报告人会看到进展。"),
            )  # fmt: skip
        self.fields["valid_to"] = day(_("离任日"), _("不再任职的第一天。"))
        self.fields["reason"] = forms.CharField(label=_("原因"), max_length=120, required=False)
        self.fields["document"] = document()


def _time(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


def _text(
    label: Any, longest: int, required: bool = True, help_text: Any = "", rows: int = 0
) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else None
    return forms.CharField(
        label=label, max_length=longest, required=required, help_text=help_text, widget=widget
    )


OFFICE = _("填办公电话，不填个人手机。")


class PlacedForm(GridsForm):
    """Something at a place, chosen among the reader's."""

    def __init__(self, places: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place_code"] = forms.ChoiceField(label=_("地方"), choices=places)
        self.order_fields(["place_code"])


class ForceForm(PlacedForm):
    kind = forms.ChoiceField(label=_("力量"), choices=FORCE_KINDS)
    unit = _text(_("单位"), 80)
    name = _text(_("姓名"), 40, required=False)
    post = _text(_("职务"), 40, required=False)
    phone = _text(_("办公电话"), 40, required=False, help_text=OFFICE)
    name_public = forms.BooleanField(
        label=_("姓名公开"), required=False, help_text=_("本单位已经公开这个姓名时才勾选。")
    )
    valid_from = day(_("起"))


class LineForm(PlacedForm):
    name = _text(_("受理单位"), 80)
    phone = _text(_("监督电话"), 40, help_text=OFFICE)
    hours = _text(_("受理时间"), 80, required=False)
    valid_from = day(_("起"))


class WorkForm(PlacedForm):
    code = _text(_("代码"), 40)
    name = _text(_("事项"), 80)
    is_grid_work = forms.BooleanField(label=_("属网格工作"), required=False, initial=True)
    elsewhere = _text(_("由谁办"), 120, required=False)
    clause = _text(_("依据"), 200)
    valid_from = day(_("起"))


class ProfessionalForm(PlacedForm):
    kind = forms.ChoiceField(label=_("类别"), choices=PROFESSIONS)
    name = _text(_("姓名"), 40)
    unit = _text(_("单位"), 80)
    phone = _text(_("办公电话"), 40, required=False, help_text=OFFICE)
    valid_from = day(_("起"))


class DifficultyForm(GridsForm):
    factor = forms.FloatField(
        label=_("难度系数"), min_value=0.5, max_value=3, help_text=_("0.5到3，普通小区是1，不用登记。")
    )
    reason = _text(_("理由"), 120, help_text=_("如没有电梯、独居老人多、没有物业。"))
    valid_from = day(_("起"))

    def __init__(self, compounds: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["compound"] = forms.ChoiceField(label=_("小区楼院"), choices=compounds)
        self.order_fields(["compound"])


class OfProfessionalForm(GridsForm):
    """Something of a professional, chosen among those of the reader's places."""

    def __init__(self, professionals: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["professional"] = forms.ChoiceField(label=_("三官一律"), choices=professionals)
        self.order_fields(self.field_order or ["professional"])


class SlotForm(OfProfessionalForm):
    weekday = forms.TypedChoiceField(
        label=_("每周"),
        choices=[("", _("只有一天")), *WEEKDAYS],
        required=False,
        coerce=int,
        empty_value=None,
    )
    starts = _time(_("起时"))
    ends = _time(_("止时"))
    venue = _text(_("地点"), 120)
    valid_from = day(_("起用日期"))
    day = day(_("日期"), _("只有一天的填日期；每周的留空。"), required=False)
    field_order = ("professional", "weekday", "day", "starts", "ends", "venue", "valid_from")


class LegalVisitForm(OfProfessionalForm):
    visited_on = day(_("日期"))
    topic = _text(_("主题"), 120, help_text=_("不写当事人姓名。"))
    people = forms.IntegerField(label=_("服务人数"), min_value=0, max_value=5000)


class QuestionForm(OfProfessionalForm):
    answered_on = day(_("答复日期"))
    question = _text(_("问题"), 300, help_text=_("不写提问的人是谁。"), rows=2)
    answer = _text(_("答复"), 1000, rows=4)
    is_public = forms.BooleanField(
        label=_("公开"), required=False, help_text=_("公开的问答显示在社区的网页上。")
    )


class EndForm(GridsForm):
    ended_on = day(_("终止日期"), _("从这一天起不再有效。"))


class VisitForm(GridsForm):
    """A visit on a phone. The kind comes with the button that sends it."""

    kind = forms.ChoiceField(choices=DUTIES, error_messages={"required": _("请点一项走访内容。")})
    note = _text(_("情况"), 500, required=False, rows=3)
    visited_on = day(_("日期"))
    door = _text(_("门牌"), 40, required=False)
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, grids: Choices, buildings: Choices, persons: Choices, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        none = ("", "—")
        self.fields["grid"] = forms.ChoiceField(label=_("网格"), choices=grids)
        self.fields["building"] = forms.ChoiceField(
            label=_("楼栋"), choices=[none, *buildings], required=False
        )
        self.fields["person"] = forms.ChoiceField(
            label=_("服务对象"), choices=[none, *persons], required=False
        )


class CorrectForm(GridsForm):
    kind = forms.ChoiceField(label=_("走访内容"), choices=DUTIES)
    note = _text(_("情况"), 500, required=False, rows=4)
