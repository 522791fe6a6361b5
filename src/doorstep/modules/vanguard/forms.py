"""What is asked of members, residents, secretaries and officers of the vanguard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.shared import clock
from doorstep.kernel.web.outlines import OutlineField
from doorstep.kernel.web.pages import RefusingForm
from doorstep.kernel.web.suggesting import SuggestedChoice, SuggestedNames
from doorstep.modules.vanguard.drawing import MOST_CORNERS
from doorstep.modules.vanguard.models import ANSWERS, POST_KINDS, SKILLS, TIMES
from doorstep.modules.vanguard.services_wishes import ASKED
from doorstep.modules.vanguard.states import CATEGORIES

Choices = Sequence[tuple[Any, Any]]
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2100, 12, 31)  # beyond them a year is a slip of the hand


class VanguardForm(RefusingForm):
    FIELDS: ClassVar = {  # services' names of ours
        "unit_id": "unit", "person_id": "person", "note": "words", "internal": "words", "reason": "words", "text": "words",
    }  # fmt: skip


def day(label: Any, help_text: Any = "", required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, required=required, initial=clock.today if required else None,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )  # fmt: skip


def _time(label: Any, initial: str) -> forms.TimeField:
    return forms.TimeField(
        label=label, initial=initial, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )


def text(
    label: Any, longest: int, required: bool = True, help_text: Any = "", rows: int = 0
) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else None
    return forms.CharField(
        label=label, max_length=longest, required=required, help_text=help_text, widget=widget
    )


def several(label: Any, choices: Choices) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
    )


def _chosen(label: Any, choices: Choices, required: bool = True) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, required=required, widget=forms.Select(attrs={"class": "form-select"})
    )


class MemberForm(VanguardForm):
    """Reporting in: where, for whom one works, what one offers."""

    FIELDS: ClassVar = VanguardForm.FIELDS | {"employer": "employer_name"}

    def __init__(self, places: Choices, employers: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place_code"] = _chosen(_("住在哪个社区"), places)
        self._employers = {str(name): int(unit) for unit, name in employers}
        self.fields["employer_name"] = text(
            _("工作单位"), 80, required=False, help_text=_("写几个字就会提示本区的单位；没有提示的照实写。")
        )
        self.fields["employer_name"].widget = SuggestedNames(list(self._employers))
        self.fields["slip"] = text(
            _("单位介绍信编号（可以不填）"),
            60,
            required=False,
            help_text=_("单位开了介绍信的填，没有不影响报到。"),
        )
        self.fields["skills"] = several(_("会什么（可以不选）"), SKILLS)
        self.fields["times"] = several(_("什么时候有空（可以不选）"), TIMES)
        self.fields["slip"].widget.attrs["class"] = "form-control"

    def clean(self) -> dict[str, Any]:
        """`employer_id`: the unit of the district that was named, or None where `employer_name` is all there is."""
        data = super().clean() or {}
        return data | {"employer_id": self._employers.get(data.get("employer_name", ""))}


class MemberAtDeskForm(MemberForm):
    """The community enters somebody without a phone: the person is found first."""

    def __init__(
        self, persons: Choices, places: Choices, employers: Choices, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(places, employers, *args, **kwargs)
        self.fields["person"] = _chosen(_("人员"), persons or [("", _("请先查找"))])
        self.order_fields(["person"])


class WishForm(VanguardForm):
    """A resident's wish, on the phone."""

    def __init__(self, places: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wide = {"class": "form-control"}
        self.fields["key"] = forms.UUIDField(widget=forms.HiddenInput)
        self.fields["category"] = forms.ChoiceField(
            label=_("是哪一种"), choices=CATEGORIES, widget=forms.RadioSelect, initial=CATEGORIES[0][0]
        )
        self.fields["title"] = text(
            _("想要什么，或者难在哪里"), 80, help_text=_("公布给报到的党员看，不写姓名和电话。")
        )
        self.fields["place_code"] = _chosen(_("在哪个社区"), places)
        self.fields["text"] = text(
            _("具体情况（可以不填）"), 500, required=False, rows=3, help_text=_("认领的人才看得到。")
        )
        self.fields["address"] = text(
            _("门牌（可以不填）"), 120, required=False, help_text=_("认领的人才看得到。")
        )
        self.fields["for_other"] = forms.BooleanField(label=_("替不用手机的邻居说"), required=False)
        self.fields["helped"] = text(_("帮谁（替邻居说的填）"), 40, required=False)
        for name in ("title", "text", "address", "helped"):
            self.fields[name].widget.attrs |= wide


class WishAtDeskForm(VanguardForm):
    """The community takes a wish down: one short form."""

    FIELDS: ClassVar = {"helped_person": "helped_person"}

    def __init__(self, places: Choices, persons: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"] = forms.UUIDField(widget=forms.HiddenInput)
        self.fields["category"] = forms.ChoiceField(
            label=_("是哪一种"), choices=CATEGORIES, widget=forms.RadioSelect, initial=CATEGORIES[0][0]
        )
        self.fields["title"] = text(
            _("想要什么，或者难在哪里"), 80, help_text=_("公布给报到的党员看，不写姓名和电话。")
        )
        self.fields["place_code"] = _chosen(_("社区"), places)
        self.fields["helped"] = text(
            _("帮谁"),
            40,
            required=False,
            help_text=_("不用手机的写一句，如“三号楼独居老人”，办好后由社区问本人。"),
        )
        if persons:
            self.fields["helped_person"] = _chosen(
                _("或者从查到的人里选（本人在手机上确认）"), [("", _("不选")), *persons], required=False
            )
        self.fields["text"] = text(
            _("具体情况"), 500, required=False, rows=3, help_text=_("认领的人才看得到。")
        )
        self.fields["address"] = text(_("门牌"), 120, required=False)


class WordsForm(VanguardForm):
    """A few words with a step."""

    def __init__(
        self, label: Any, *args: Any, required: bool = True, longest: int = 500, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"] = text(label, longest, required=required, rows=3)
        self.fields["words"].widget.attrs["class"] = "form-control"


class AnswerForForm(VanguardForm):
    """What a person without a phone said, and how they were asked."""

    FIELDS: ClassVar = VanguardForm.FIELDS | {"asked_how": "asked_how"}

    asked_how = forms.ChoiceField(label=_("怎么问的本人"), choices=ASKED, widget=forms.RadioSelect)
    done = forms.ChoiceField(
        label=_("本人怎么说"), choices=[("yes", _("办成了")), ("no", _("还没办好"))], widget=forms.RadioSelect
    )
    words = text(_("本人的话"), 500, rows=2)


class KeptForm(VanguardForm):
    """What posts, areas and projects have in common."""

    def __init__(self, places: Choices, units: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place_code"] = _chosen(_("地方"), places)
        self.fields["name"] = text(_("名称"), 80)
        self.fields["unit"] = _chosen(_("所属单位"), units or [("", _("这里还没有单位"))])
        self.fields["valid_from"] = day(_("起用日期"))


class PostForm(KeptForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = _chosen(_("岗位类型"), POST_KINDS)
        self.fields["duty"] = text(_("职责"), 300, required=False, rows=2)
        self.order_fields(["place_code", "name", "kind", "unit", "duty"])


class AreaForm(KeptForm):
    def __init__(self, parts: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["places"] = forms.MultipleChoiceField(
            label=_("有哪些地方（在图上画的可以不选）"), choices=parts, required=False, help_text=_("按住 Ctrl 可以多选。"),
            widget=forms.SelectMultiple(attrs={"class": "form-select", "size": 12}),
        )  # fmt: skip
        self.fields["outline"] = OutlineField(label=_("或者在图上画范围"), most=MOST_CORNERS)
        self.fields["duty"] = text(_("责任"), 300, required=False, rows=2)
        self.order_fields(["place_code", "name", "places", "outline", "unit", "duty"])


class ProjectForm(KeptForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["aim"] = text(_("目标"), 300, rows=2, help_text=_("要办成什么、给谁办。"))
        self.fields["valid_to"] = day(_("结束日期（可以不填）"), required=False)
        self.order_fields(["place_code", "name", "aim", "unit"])


class GiveForm(VanguardForm):
    """Who holds it from a day on."""

    def __init__(self, persons: Choices, units: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"] = _chosen(_("交给谁"), persons or [("", _("请先查找"))])
        self.fields["unit"] = _chosen(_("任命单位"), units)
        self.fields["valid_from"] = day(_("从哪天起"))
        self.fields["valid_to"] = day(_("到哪天止（可以不填）"), _("不再担任的第一天。"), required=False)
        self.fields["document"] = text(_("文号（可以不填）"), 80, required=False)


class EndForm(VanguardForm):
    ended_on = day(_("终止日期"), _("不再有效的第一天。"))


class LetGoForm(VanguardForm):
    ended_on = day(_("离岗日期"), _("不再担任的第一天。"))
    words = text(_("原因"), 120)


class CallupForm(VanguardForm):
    def __init__(self, places: Choices, units: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"] = forms.UUIDField(widget=forms.HiddenInput)
        self.fields["name"] = text(_("集结名称"), 80, help_text=_("比如：马拉松保障。"))
        self.fields["place_code"] = _chosen(_("在哪里"), places)
        self.fields["unit"] = _chosen(_("发起单位"), units)
        self.fields["starts_on"] = day(_("开始"))
        self.fields["ends_on"] = day(_("结束"))
        self.fields["about"] = text(_("说明"), 1000, required=False, rows=3)
        self.fields["document"] = text(_("文号（可以不填）"), 80, required=False)


class CallForm(VanguardForm):
    """A unit or a post, and how many people."""

    FIELDS: ClassVar = VanguardForm.FIELDS

    def __init__(self, units: Choices, posts: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"] = SuggestedChoice(
            units, label=_("单位"), required=False, help_text=_("写几个字就会提示能通知的单位。")
        )
        self.fields["post"] = _chosen(_("或者先锋岗"), [("", _("不选")), *posts], required=False)
        self.fields["people"] = forms.IntegerField(label=_("人数"), min_value=1, max_value=500, initial=5)


class AnswerCallForm(VanguardForm):
    """With how many people one that is called comes, or why nobody does."""

    comes = forms.ChoiceField(
        label=_("能不能来"), choices=ANSWERS, widget=forms.RadioSelect(attrs={"class": "form-check-input"})
    )
    people = forms.IntegerField(
        label=_("来几人"), required=False, min_value=1, max_value=500, widget=forms.NumberInput(attrs={"class": "form-control"})
    )  # fmt: skip
    words = text(_("来不了的，写一句为什么"), 200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].widget.attrs["class"] = "form-control"


class PositionForm(VanguardForm):
    """A position with shifts of one length, one after the other, on each day of a stretch."""

    FIELDS: ClassVar = VanguardForm.FIELDS | {
        "shifts": "first_day",
        "starts_at": "first_day",
        "ends_at": "hours",
    }

    def __init__(self, places: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"] = forms.UUIDField(widget=forms.HiddenInput)
        self.fields["title"] = text(_("岗位名称"), 80, help_text=_("比如：起点饮水点。"))
        self.fields["place_code"] = _chosen(_("在哪个地方"), places)
        self.fields["where"] = text(_("具体地点"), 120)
        self.fields["first_day"] = day(_("从哪天"))
        self.fields["last_day"] = day(_("到哪天"))
        self.fields["begins"] = _time(_("每天几点开始"), "08:00")
        self.fields["hours"] = forms.IntegerField(label=_("一班几小时"), min_value=1, max_value=12, initial=3)
        self.fields["number"] = forms.IntegerField(label=_("每天几班"), min_value=1, max_value=8, initial=3)
        self.fields["capacity"] = forms.IntegerField(
            label=_("每班几个人"), min_value=1, max_value=200, initial=4
        )
        self.fields["phone"] = text(_("联系电话"), 40, required=False, help_text=_("写办公电话。"))

    def times(self) -> list[tuple[dt.datetime, dt.datetime]]:
        """Beginnings and ends of all shifts asked for."""
        data = self.cleaned_data
        days = (data["last_day"] - data["first_day"]).days
        found = []
        for offset in range(min(days, 120) + 1):
            first = dt.datetime.combine(
                data["first_day"] + dt.timedelta(days=offset), data["begins"], clock.DISTRICT_ZONE
            )
            for number in range(data["number"]):
                starts = first + dt.timedelta(hours=number * data["hours"])
                found.append((starts, starts + dt.timedelta(hours=data["hours"])))
        return found


class AssignForm(VanguardForm):
    def __init__(self, persons: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"] = _chosen(_("安排谁"), persons or [("", _("请先查找"))])


class LinkForm(VanguardForm):
    def __init__(self, activities: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["activity"] = _chosen(_("活动"), activities or [("", _("这里还没有活动"))])
