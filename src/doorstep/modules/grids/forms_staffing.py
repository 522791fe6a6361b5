"""What is asked for a plan of workers, and of what an officer does with one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.proposals.forms import LockedForm, SendForm
from doorstep.modules.grids.forms import GridsForm
from doorstep.modules.grids.models_staffing import STAFF_PINS

KEEP = [("some", _("适当变动")), ("few", _("尽量少换人")), ("even", _("尽量均匀，不看现在怎样分"))]


class StaffingForm(GridsForm):
    """A new plan."""

    title = forms.CharField(label=_("方案名称"), max_length=80, help_text=_("送审时别人看到的就是这个名称。"))
    keep = forms.ChoiceField(
        label=_("和现在的安排比"), choices=KEEP, initial="some", widget=forms.RadioSelect,
        help_text=_("少换人，居民和网格员不用重新熟悉；换得多，担子更均匀。"),
    )  # fmt: skip


class ComputeForm(LockedForm):
    keep = forms.ChoiceField(
        label=_("从现在的安排重新算"), choices=KEEP, widget=forms.Select(attrs={"class": "form-select"})
    )

    def __init__(self, *args: Any, keep: str = "some", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keep"].initial = keep


class GridToWorkerForm(LockedForm):
    grid = forms.RegexField(
        r"^\d{15}$", label=_("网格"), error_messages={"required": _("请先在图上点选，或者在下面选一个网格。")}
    )
    worker = forms.IntegerField(
        label=_("网格员"), min_value=1, error_messages={"required": _("请选交给哪位网格员。")}
    )


class MapMoveForm(LockedForm):
    """A grid dragged onto somebody's: `number` is the worker's on the map."""

    grid = forms.RegexField(r"^\d{15}$", label=_("网格"))
    number = forms.IntegerField(label=_("网格员"), min_value=0)


class StaffPinForm(GridToWorkerForm):
    kind = forms.ChoiceField(label=_("要求"), choices=STAFF_PINS)
    words = forms.CharField(label=_("为什么"), max_length=200, required=False)


class StaffSendForm(SendForm):
    document_help = _("同意调整网格员的文件编号，例如“演任〔2026〕9号”。")
    day_help = _("到这一天换人，之前都可以收回。")
