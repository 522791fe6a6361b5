"""What is asked of volunteers and of those who keep them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.shared import clock
from doorstep.kernel.web.pages import RefusingForm
from doorstep.modules.volunteering.models import SKILLS, TIMES
from doorstep.modules.volunteering.models_review import DECLINED, FINE, TAKEN_BACK, UPHELD

Choices = Sequence[tuple[Any, Any]]


class VolunteeringForm(RefusingForm):
    FIELDS: ClassVar = {"federation_id": "federation", "brand_id": "brand"}  # services' names of ours


def day(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, initial=clock.today,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip


def several(label: Any, choices: Choices) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
    )


class ProfileForm(VolunteeringForm):
    """What one offers: where, since when one was born, skills, times."""

    def __init__(self, places: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place_code"] = forms.ChoiceField(
            label=_("在哪个社区"), choices=places, widget=forms.Select(attrs={"class": "form-select"})
        )
        self.fields["born_in"] = forms.IntegerField(
            label=_("出生年份（可以不填）"), required=False, min_value=1900, max_value=2100,
            help_text=_("只记年份：未成年人参加活动要监护人同意，有的活动有年龄要求。"),
            widget=forms.NumberInput(attrs={"class": "form-control", "inputmode": "numeric"}),
        )  # fmt: skip
        self.fields["skills"] = several(_("会什么（可以不选）"), SKILLS)
        self.fields["times"] = several(_("什么时候有空（可以不选）"), TIMES)


class RegisterForm(ProfileForm):
    """Somebody registers a volunteer without a phone: the person is chosen first."""

    def __init__(self, places: Choices, persons: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(places, *args, **kwargs)
        self.fields["person"] = forms.ChoiceField(label=_("人员"), choices=persons or [("", _("请先查找"))])
        self.order_fields(["person", "place_code", "born_in", "skills", "times"])


class AppealForm(VolunteeringForm):
    text = forms.CharField(
        label=_("哪里不对"), max_length=500, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("写明实际什么时候到、什么时候走，或者哪里记错了。"),
    )  # fmt: skip


class OddityForm(VolunteeringForm):
    decision = forms.ChoiceField(
        label=_("核实的结果"), widget=forms.RadioSelect,
        choices=[(FINE, _("属实，记录不动")), (TAKEN_BACK, _("不实，收回时长和积分"))],
    )  # fmt: skip
    note = forms.CharField(
        label=_("核实的情况"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("问了谁、看了什么、结论是什么。不写别人的电话和证件号。"),
    )  # fmt: skip


def _instant(label: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label, required=False, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip


class AnswerForm(VolunteeringForm):
    outcome = forms.ChoiceField(
        label=_("怎么答复"), widget=forms.RadioSelect,
        choices=[(UPHELD, _("申诉成立，按下面的时间更正")), (DECLINED, _("维持原记录"))],
    )  # fmt: skip
    in_at = _instant(_("实际到场"))
    out_at = _instant(_("实际离场"))
    answer = forms.CharField(
        label=_("答复"), max_length=500, widget=forms.Textarea(attrs={"rows": 4}), help_text=_("本人会看到。")
    )


class PublishForm(VolunteeringForm):
    def __init__(self, places: Choices, quarters: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place_code"] = forms.ChoiceField(label=_("地方"), choices=places)
        self.fields["quarter"] = forms.ChoiceField(label=_("季度"), choices=quarters)


class EndForm(VolunteeringForm):
    ended_on = day(_("终止日期"), _("不再有效的第一天。"))


class KindForm(VolunteeringForm):
    def __init__(self, places: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place_code"] = forms.ChoiceField(label=_("适用地方"), choices=places)
        self.fields["code"] = forms.SlugField(
            label=_("代码"), max_length=40, help_text=_("英文字母、数字；同一个代码再填一次就是改标准。")
        )
        self.fields["name"] = forms.CharField(label=_("服务类别"), max_length=40)
        self.fields["points_per_hour"] = forms.IntegerField(label=_("每小时积分"), min_value=0, max_value=100)
        self.fields["risky"] = forms.BooleanField(label=_("须先办保险"), required=False)
        self.fields["clause"] = forms.CharField(label=_("依据"), max_length=200)
        self.fields["valid_from"] = day(_("起用日期"), _("今天或以后；以前的服务按当时的标准。"))


class BrandForm(VolunteeringForm):
    def __init__(self, places: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place_code"] = forms.ChoiceField(label=_("地方"), choices=places)
        self.fields["name"] = forms.CharField(label=_("品牌"), max_length=40)
        self.fields["story"] = forms.CharField(
            label=_("简介"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3})
        )
        self.fields["valid_from"] = day(_("起用日期"))


class ForceForm(VolunteeringForm):
    def __init__(self, places: Choices, federations: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place_code"] = forms.ChoiceField(label=_("地方"), choices=places)
        self.fields["federation"] = forms.ChoiceField(label=_("志愿服务联合会"), choices=federations)
        self.fields["name"] = forms.CharField(label=_("名称"), max_length=80)
        self.fields["field"] = forms.ChoiceField(label=_("专业"), choices=SKILLS)
        self.fields["unit_name"] = forms.CharField(label=_("所在单位"), max_length=80, required=False)
        self.fields["phone"] = forms.CharField(label=_("办公电话"), max_length=40, required=False)
        self.fields["valid_from"] = day(_("起用日期"))


class TeamProfileForm(VolunteeringForm):
    def __init__(self, brands: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["skills"] = several(_("专长"), SKILLS)
        self.fields["about"] = forms.CharField(
            label=_("简介"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3})
        )
        self.fields["brand"] = forms.ChoiceField(
            label=_("品牌"), choices=[("", _("没有")), *brands], required=False
        )
        self.fields["is_open"] = forms.BooleanField(label=_("随时可加入"), required=False)


class TeamForm(TeamProfileForm):
    def __init__(
        self, places: Choices, federations: Choices, brands: Choices, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(brands, *args, **kwargs)
        self.fields["place_code"] = forms.ChoiceField(label=_("地方"), choices=places)
        self.fields["federation"] = forms.ChoiceField(label=_("志愿服务联合会"), choices=federations)
        self.fields["name"] = forms.CharField(label=_("队名"), max_length=120)
        self.fields["founded_on"] = day(_("成立日期"))
        self.fields["phone"] = forms.CharField(
            label=_("联系电话"), max_length=40, required=False, help_text=_("居民看得到；不写个人手机号。")
        )
        self.fields["is_open"].initial = True
        self.order_fields(
            ["place_code", "name", "federation", "founded_on", "phone", "skills", "about", "brand", "is_open"]
        )


class MemberForm(VolunteeringForm):
    number = forms.CharField(label=_("志愿者编号"), max_length=20)


class SheetForm(VolunteeringForm):
    """Which records leave for the national system, and whether with names in full."""

    def __init__(self, places: Choices, purposes: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place_code"] = forms.ChoiceField(label=_("地方"), choices=places)
        self.fields["since"] = day(_("从"))
        self.fields["until"] = day(_("到"))
        self.fields["purpose"] = forms.ChoiceField(
            label=_("姓名"), choices=[("", _("遮盖（编号对得上）")), *purposes], required=False,
            help_text=_("选了用途，谁在什么时候取走了谁的姓名都会记入审计，本人也能查到。"),
        )  # fmt: skip
