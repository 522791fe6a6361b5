"""What is asked for one item of the list, and for one rule of where requests go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.models import URGENCIES, Matter
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused
from doorstep.modules.requests.models import EVENT_CLASSES
from doorstep.modules.requests.rules import words_of
from doorstep.modules.requests.services_lists import NewItem, NewRoute

Choices = Sequence[tuple[str, Any]]
KIND, UNIT = "kind", "unit"


class AddForm(forms.Form):
    """One row from a day on. `replaces` is asked only where a row for the same case stands."""

    FIELDS = {"place_code": "place"}  # services' names of ours

    place = forms.ChoiceField(label=_("适用地方"))
    valid_from = forms.DateField(
        label=_("从哪天起"), initial=clock.today, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("请选从哪天起。"), "invalid": _("日期不对，请写成 2026-07-01 这样。")},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, places: Choices, **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["place"].choices = places  # type: ignore[attr-defined]  # a choice field
        self.order_fields([name for name in self.fields if name != "valid_from"])
        if data is not None and "replaces" in data:
            self.offer_replacing()

    def offer_replacing(self) -> None:
        self.fields["replaces"] = forms.BooleanField(
            label=_("从这天起，用这一条换掉它（原来的留档）"), required=False
        )

    @property
    def replaces(self) -> bool:
        return bool(self.cleaned_data.get("replaces"))

    def refuse(self, refusal: Refused, text: Any = "") -> None:
        field = self.FIELDS.get(refusal.field, refusal.field)
        self.add_error(field if field in self.fields else None, text or str(refusal.message))


class ItemForm(AddForm):
    name = forms.CharField(
        label=_("事项"),
        max_length=40,
        error_messages={"required": _("请填写事项名称，如“路灯楼道灯不亮”。")},
    )
    code = forms.RegexField(
        r"^[a-z0-9_]+(\.[a-z0-9_]+)*$", label=_("代码"), max_length=40,
        help_text=_("小写字母、数字和点，如 env.lamp；定了不改，改名不改代码。"),
        error_messages={
            "required": _("请填写代码，如 env.lamp。"), "invalid": _("代码只用小写字母、数字、下划线和点，如 env.lamp。"),
        },
    )  # fmt: skip
    event_class = forms.ChoiceField(
        label=_("类别"),
        choices=[("", _("请选择")), *EVENT_CLASSES],
        error_messages={"required": _("请选类别。")},
    )
    clause = forms.CharField(
        label=_("依据"), max_length=200, help_text=_("文件名称和文号。"), error_messages={"required": _("请写明依据。")}
    )  # fmt: skip
    words = forms.CharField(
        label=_("相关词"), max_length=400, required=False,
        help_text=_("报告里常用的说法，用顿号或空格分开，每个最多 12 个字；按它们猜是哪一项。"),
    )  # fmt: skip
    urgency = forms.ChoiceField(label=_("默认紧急程度"), choices=URGENCIES, initial="normal")
    confidentiality = forms.ChoiceField(
        label=_("公开范围"), choices=Matter.CONFIDENTIALITY, initial=Matter.INTERNAL
    )
    is_grid_work = forms.BooleanField(label=_("属网格工作"), required=False, initial=True)
    elsewhere = forms.CharField(
        label=_("去处"),
        max_length=120,
        required=False,
        help_text=_("不在这里受理的，写明该找谁；受理的空着。"),
    )

    def new(self) -> NewItem:
        """For the service. Call after is_valid()."""
        given = {key: value for key, value in self.cleaned_data.items() if key not in ("place", "replaces")}
        given["words"] = words_of(given["words"])
        return NewItem(place_code=self.cleaned_data["place"], **given)


class RouteForm(AddForm):
    item = forms.ChoiceField(label=_("事项"), required=False, help_text=_("不选就是任何事项。"))
    event_class = forms.ChoiceField(
        label=_("类别"),
        required=False,
        choices=[("", _("任何类别")), *EVENT_CLASSES],
        help_text=_("按事项派的不选。"),
    )
    urgency = forms.ChoiceField(
        label=_("紧急程度"), required=False, choices=[("", _("任何程度")), *URGENCIES]
    )
    unit = forms.ChoiceField(label=_("派给"), error_messages={"required": _("请选派给谁。")})
    reason = forms.CharField(
        label=_("理由"), max_length=120, help_text=_("报告人会看到，如“路灯由城管部门养护”。"),
        error_messages={"required": _("请写明为什么派到那里，报告人会看到。")},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, items: Choices, units: Choices, **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["item"].choices = [("", _("任何事项")), *items]  # type: ignore[attr-defined]  # a choice field
        self.fields["unit"].choices = [("", _("请选择")), *units]  # type: ignore[attr-defined]  # likewise

    def new(self) -> NewRoute:
        """For the service. Call after is_valid()."""
        given = self.cleaned_data
        what, _colon, which = given["unit"].partition(":")
        return NewRoute(
            place_code=given["place"], reason=given["reason"], valid_from=given["valid_from"], item=given["item"],
            event_class=given["event_class"], urgency=given["urgency"],
            unit_id=int(which) if what == UNIT else None, unit_kind=which if what == KIND else "",
        )  # fmt: skip
