"""Forms of the chain: what is asked before an adjustment, a count, a term, an appointment, a household."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.organisations.kinds import POSTS
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.numerals import whole_number
from doorstep.kernel.web.pages import RefusingForm
from doorstep.modules.chain.models import FORMS
from doorstep.modules.chain.services_work import Approved

Choices = Sequence[tuple[Any, Any]]


def day(label: Any, help_text: Any = "", required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, required=required, initial=clock.today if required else None,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip


def amount(
    label: Any, required: bool = False, initial: int | None = None, help_text: Any = ""
) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=required, min_value=0, max_value=9999, initial=initial, help_text=help_text
    )


class ChainForm(RefusingForm):
    """A form of the chain."""


class ApprovalForm(ChainForm):
    """A form whose decision may depart from a rule of practice, by the superior's document."""

    approval = forms.CharField(
        label=_("例外批准文号"), required=False, max_length=80,
        help_text=_("只在办理结果与规定不一致、但已经上级批准时填写。"),
    )  # fmt: skip

    @property
    def approved(self) -> Approved | None:
        document = self.cleaned_data.get("approval", "").strip()
        return Approved(document) if document else None


class AdjustForm(ApprovalForm):
    """Fields of one kind of adjustment; the choices come from the page."""

    versions = forms.CharField(widget=forms.HiddenInput, required=False)
    shown = forms.CharField(
        widget=forms.HiddenInput, required=False
    )  # digest of what the preview was made from
    field_order = (
        "name", "others", "superior", "heir", "grids", "buildings", "full", "probationary", "form", "units",
        "effective_on", "document", "approved_by", "approval", "versions", "shown",
    )  # fmt: skip

    def __init__(
        self, kind: str, unit_kind: str, choices: Mapping[str, Choices], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.unit_kind = kind, unit_kind
        fields = self.fields
        fields["effective_on"] = day(_("生效日期"), _("从这一天起按新的设置。"))
        fields["document"] = forms.CharField(
            label=_("文号"), max_length=80, help_text=_("批准这次调整的文件。")
        )
        fields["approved_by"] = forms.CharField(label=_("批准单位"), max_length=120, required=False)
        if kind in ("establish", "split", "rename"):
            fields["name"] = forms.CharField(
                label=_("新名称") if kind == "rename" else _("名称"), max_length=120
            )
        for name, label, several, required in _CHOSEN:
            if name in choices:
                fields[name] = _choice(label, choices[name], several, required)
        if kind in ("establish", "split"):
            fields["full"] = amount(_("正式党员"), help_text=_("还没有统计的可以不填。"))
            fields["probationary"] = amount(_("预备党员"))
            if unit_kind == "grid_party_branch":
                fields["form"] = forms.ChoiceField(label=_("组织形式"), choices=FORMS[2:])
                fields["units"] = amount(_("联合单位数"), help_text=_("联合党支部填写。"))
        self.order_fields(self.field_order)

    @property
    def expected(self) -> dict[int, int]:
        """Versions that the officer looked at, as "unit:version,…"."""
        return numbered(self.cleaned_data.get("versions", ""))


def numbered(text: str) -> dict[int, int]:
    """Versions as a form carries them, "id:version,…"; what is no such pair is left out."""
    pairs = (
        [whole_number(part) for part in pair.split(":")] for pair in text.split(",") if pair.count(":") == 1
    )
    return {pk: version for pk, version in pairs if pk is not None and version is not None}


_CHOSEN = (
    ("others", _("并入的组织"), True, True),
    ("superior", _("上级组织"), False, True),
    ("heir", _("由谁接手"), False, False),
    ("grids", _("网格"), True, False),
    ("buildings", _("楼栋"), True, False),
)


def _choice(label: Any, choices: Choices, several: bool, required: bool) -> forms.Field:
    if several:
        return forms.MultipleChoiceField(
            label=label, choices=choices, required=required, widget=forms.CheckboxSelectMultiple
        )
    blank = [("", _("（不选）") if not required else _("请选择"))]
    return forms.ChoiceField(label=label, choices=[*blank, *choices], required=required)


class CountForm(ChainForm):
    full = amount(_("正式党员"), required=True)
    probationary = amount(_("预备党员"), required=True, initial=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["counted_on"] = day(_("统计日期"))


class FormForm(ApprovalForm):
    form = forms.ChoiceField(label=_("组织形式"), choices=FORMS)
    units = amount(_("联合单位数"), initial=0)
    document = forms.CharField(label=_("文号"), max_length=80)

    def __init__(self, choices: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form"].choices = list(choices)  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["valid_from"] = day(_("起始日期"))


class TermForm(ApprovalForm):
    number = amount(_("届次"), required=True, initial=1)
    committee_size = amount(_("委员人数"), initial=0, help_text=_("不设委员会的填 0。"))
    document = forms.CharField(label=_("文号"), max_length=80)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_from"] = day(_("任期起"))
        self.fields["valid_to"] = day(_("任期止"), _("不填则按规定年限。"), required=False)


class ExtendForm(ApprovalForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_to"] = day(_("任期止"), _("提前或者延期换届，都须上级批准，一般不超过一年。"))


class PersonForm(ChainForm):
    """A person chosen from those found by name."""

    person = forms.ChoiceField(
        label=_("人员"), widget=forms.RadioSelect, error_messages={"required": _("请先查找，再选择一个人。")}
    )

    def __init__(self, people: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = list(people)  # type: ignore[attr-defined]  # a ChoiceField


class AppointForm(PersonForm):
    post = forms.ChoiceField(label=_("职务"))
    document = forms.CharField(label=_("任命文号"), max_length=80, required=False)

    def __init__(self, kind: str, people: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(people, *args, **kwargs)
        posts = [(post.code, post.name) for post in POSTS.values() if kind in post.kinds]
        self.fields["post"].choices = posts  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["valid_from"] = day(_("起始日期"))


class DesignateForm(PersonForm):
    building = forms.ChoiceField(label=_("楼栋"))
    door = forms.CharField(label=_("门牌"), max_length=40, required=False)
    document = forms.CharField(label=_("批准文号"), max_length=80, required=False)
    consent_given_by = forms.CharField(
        label=_("公开姓名的同意方式"), max_length=120, required=False,
        help_text=_("本人同意在“找到我的组织”公开姓名时写明，如“当面书面同意”；不同意的留空，只显示本楼有党员中心户。"),
    )  # fmt: skip

    def __init__(self, buildings: Choices, people: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(people, *args, **kwargs)
        self.fields["building"].choices = [("", _("请选择")), *buildings]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["designated_on"] = day(_("认定日期"))


class RevokeForm(ChainForm):
    reason = forms.CharField(label=_("撤销原因"), max_length=120)
    document = forms.CharField(label=_("文号"), max_length=80, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["revoked_on"] = day(_("撤销日期"), _("从这一天起不再是党员中心户。"))
