"""What is asked on pages of the four lists, on the desk and on phones."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.web.pages import RefusingForm
from doorstep.modules.partnership import rules_lists as rules
from doorstep.modules.partnership.forms import Choices, day, time, whole
from doorstep.modules.partnership.forms import text as words
from doorstep.modules.partnership.forms_duties import DutiesField
from doorstep.modules.partnership.models_lists import PRICES
from doorstep.modules.partnership.services_needs import Wanted
from doorstep.modules.partnership.services_resources import ResourceData
from doorstep.modules.partnership.wording_lists import WEEK

GRADES = [(5, _("5 很满意")), (4, _("4 满意")), (3, _("3 一般")), (2, _("2 不太满意")), (1, _("1 不满意"))]


def yuan(label: Any, *, required: bool = False, help_text: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, max_digits=12, decimal_places=2, min_value=0, required=required, help_text=help_text,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"invalid": _("请填数字，最多两位小数。")},
    )  # fmt: skip


def fen_of(value: Decimal | None) -> int | None:
    return None if value is None else int(value * 100)


def week() -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        label=_("星期几"), choices=WEEK, coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("不选就是每天。"),
    )  # fmt: skip


def times_of(data: dict[str, Any]) -> tuple[int, int, int]:
    """Days of the week as bits and two minutes of the day, from what was filled in; empty is all week, all day."""
    opens, closes = data.get("opens"), data.get("closes")
    return (
        rules.mask_of(data["week"]) if data.get("week") else rules.ALL_WEEK,
        rules.minutes_of(opens) if opens else 0,
        (rules.minutes_of(closes) or rules.DAY_MINUTES) if closes else rules.DAY_MINUTES,
    )


def as_time(minute: int) -> dt.time | None:
    """For a form: nothing for the ends of the day."""
    return None if minute in (0, rules.DAY_MINUTES) else dt.time(minute // 60, minute % 60)


class ListForm(RefusingForm):
    FIELDS: ClassVar = {
        "weekdays": "week", "budget_fen": "budget", "cost_fen": "cost", "fen": "yuan", "uses": "resource", "internal": "reason",
        "place_code": "place", "starts_at": "use_day", "ends_at": "use_ends",
    }  # fmt: skip


class WantedForm(ListForm):
    """What would meet a need."""

    people = whole(_("大约惠及多少人"), 1, 100_000, initial=20)
    since = day(_("从哪天起"), required=False, help_text=_("不限就空着。"))
    until = day(_("到哪天为止"), required=False)
    week = week()
    opens = time(_("几点起"), required=False)
    closes = time(_("几点止"), required=False)
    minutes = whole(_("每次要多少分钟"), 0, 1440, required=False)

    def __init__(self, kinds: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["resource_class"] = forms.ChoiceField(label=_("需要哪类资源"), choices=kinds)

    def wanted(self) -> Wanted:
        """What was filled in; what the form does not ask is left open."""
        data = self.cleaned_data
        weekdays, opens, closes = times_of(data)
        return Wanted(
            resource_class=data["resource_class"], people=data["people"], units=data.get("units") or 1, since=data.get("since"),
            until=data.get("until"), weekdays=weekdays, opens=opens, closes=closes, minutes=data.get("minutes") or 0,
        )  # fmt: skip

    def leave_time_open(self) -> None:
        """Days and hours are asked for when the need is screened."""
        for name in ("since", "until", "week", "opens", "closes", "minutes"):
            del self.fields[name]


class TellForm(WantedForm):
    """A need in office. `origin`: the number of a request; `meetings`: where it may have come up."""

    title = words(_("需要什么"), 80)
    text = words(
        _("情况"), 2000, rows=4, help_text=_("谁需要、现在怎样、希望怎样。发布给单位看的话在审核时另写。")
    )
    units = whole(_("要几家单位"), 1, 20, initial=1)
    key = forms.UUIDField(widget=forms.HiddenInput)
    field_order = (
        "place", "told", "origin", "meeting", "title", "text", "resource_class", "people", "units", "key",
    )  # fmt: skip

    def __init__(
        self, kinds: Choices, places: Choices, meetings: Choices, told: Choices, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(kinds, *args, **kwargs)
        self.fields["place"] = forms.ChoiceField(label=_("哪个社区"), choices=places)
        self.fields["told"] = forms.ChoiceField(label=_("从哪里来"), choices=told)
        self.fields["origin"] = words(
            _("诉求编号"), 20, required=False, help_text=_("从诉求来的填，如 QS0000123。")
        )
        self.fields["meeting"] = forms.TypedChoiceField(
            label=_("哪次会议"), choices=[("", "—"), *meetings], coerce=int, empty_value=None, required=False,
            help_text=_("从议事会、联席会议来的选。"),
        )  # fmt: skip
        self.leave_time_open()
        self.order_fields(self.field_order)


class ScreenForm(WantedForm):
    """What is published, in the screener's words; what is wanted, put right where it was told otherwise."""

    headline = words(_("发布的标题"), 80, help_text=_("给各单位看：不写姓名、电话、门牌号。"))
    about = words(_("发布的内容"), 400, required=False, rows=3)
    units = whole(_("要几家单位"), 1, 20, initial=1)
    note = words(_("给提出人的答复"), 500, rows=2)
    version = forms.IntegerField(widget=forms.HiddenInput)
    field_order = (
        "headline", "about", "resource_class", "people", "units", "since", "until", "week", "opens", "closes", "minutes", "note",
        "version",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(self.field_order)


class RewordForm(ListForm):
    """What units read of a need, in other words."""

    headline = words(_("发布的标题"), 80, help_text=_("给各单位看：不写姓名、电话、门牌号。"))
    about = words(_("发布的内容"), 400, required=False, rows=3)
    version = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(ListForm):
    """One text; `label` and what helps are the page's."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, label: Any, name: str, *args: Any, help_text: Any = "", longest: int = 1000, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields[name] = words(label, longest, rows=3, help_text=help_text)


class JoinForm(ListForm):
    reason = words(_("说明"), 200, required=False)

    def __init__(self, others: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["main_id"] = forms.TypedChoiceField(
            label=_("并到哪一件"), choices=others, coerce=int, widget=forms.RadioSelect
        )
        self.order_fields(("main_id", "reason"))


class AgreeForm(ListForm):
    """The project that was agreed: the responsible unit, time, money, one resource, and what each unit is to do."""

    title = words(_("项目名称"), 80)
    starts_on = day(_("开始日期"))
    ends_on = day(_("完成期限"), initial=None)
    hands = whole(_("参与人数"), 0, 100_000, required=False, help_text=_("各单位大约出多少人。"))
    budget = yuan(_("预算（元）"), help_text=_("没有就空着。"))
    budget_from = words(_("资金来源"), 80, required=False)
    use_day = day(_("哪天用资源"), required=False)
    use_starts = time(_("几点起用"), required=False)
    use_ends = time(_("用到几点"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)
    field_order = (
        "title", "unit", "others", "starts_on", "ends_on", "hands", "budget", "budget_from", "resource", "use_day", "use_starts",
        "use_ends", "duties", "version", "key",
    )  # fmt: skip

    def __init__(
        self, units: Choices, resources: Choices, takers: Choices, *args: Any, **kwargs: Any
    ) -> None:
        """`takers`: who may be given a part. They and `resources` are grouped, as Django's choices may be."""
        super().__init__(*args, **kwargs)
        self.fields["duties"] = DutiesField(
            label=_("责任清单"),
            help_text=_("一行一项，空着的行不算。不写就由责任单位负责全部。"),
            groups=takers,
        )
        self.fields["unit"] = forms.TypedChoiceField(
            label=_("责任单位"), choices=[("", "—"), *units], coerce=int, empty_value=None, required=False
        )
        self.fields["others"] = forms.TypedMultipleChoiceField(
            label=_("参与单位"),
            choices=units,
            coerce=int,
            required=False,
            help_text=_("可以多选，也可以不选。"),
        )
        self.fields["resource"] = forms.TypedChoiceField(
            label=_("用哪项资源"),
            choices=[("", "—"), *resources],
            coerce=int,
            empty_value=None,
            required=False,
        )
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("resource") and not (
            data.get("use_day") and data.get("use_starts") and data.get("use_ends")
        ):
            self.add_error("use_day", _("用资源的请写明哪天、几点到几点。"))
        return data


class DeliverForm(ListForm):
    note = words(_("做了什么"), 1000, rows=3, help_text=_("确认后提出人和社区都看得到。"))
    served = whole(_("惠及多少人"), 1, 100_000)
    cost = yuan(_("实际花费（元）"), help_text=_("没有就空着。"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class UseForm(ListForm):
    use_day = day(_("哪天"), initial=None)
    use_starts = time(_("几点起"))
    use_ends = time(_("几点止"))

    def __init__(self, resources: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["resource"] = forms.TypedChoiceField(label=_("用哪项资源"), choices=resources, coerce=int)
        self.order_fields(("resource",))


class DutyForm(ListForm):
    what = words(_("做什么"), 80)
    due_on = day(_("什么时候做完"), initial=None)
    FIELDS: ClassVar = {"duties": "due_on", "title": "what"}

    def __init__(self, takers: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"] = forms.TypedChoiceField(label=_("谁来做"), choices=takers, coerce=int)
        self.order_fields(("unit",))


class SlipsForm(ListForm):
    more = whole(_("再发多少张"), 1, 100, initial=20, help_text=_("总数不超过惠及的人数。"))


class ResourceForm(ListForm):
    name = words(_("资源名称"), 60, help_text=_("如二楼会议室、消防安全讲师。"))
    about = words(_("说明"), 400, required=False, rows=2)
    capacity = whole(_("同时可供几处使用"), 1, 1000, initial=1)
    week = week()
    opens = time(_("几点起"), required=False)
    closes = time(_("几点止"), required=False)
    price = forms.ChoiceField(label=_("收费方式"), choices=PRICES)
    yuan = yuan(_("价格（元）"), help_text=_("公益的不填。"))
    price_words = words(_("价格说明"), 60, required=False, help_text=_("如每小时、每人。"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    field_order = (
        "unit",
        "resource_class",
        "name",
        "about",
        "capacity",
        "week",
        "opens",
        "closes",
        "price",
        "yuan",
        "price_words",
        "areas",
    )

    def __init__(self, kinds: Choices, units: Choices, areas: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["resource_class"] = forms.ChoiceField(label=_("哪一类"), choices=kinds)
        self.fields["unit"] = forms.TypedChoiceField(label=_("提供单位"), choices=units, coerce=int)
        self.fields["areas"] = forms.MultipleChoiceField(
            label=_("服务哪里"), choices=areas, required=False, widget=forms.CheckboxSelectMultiple,
            help_text=_("不选就是所有签了协议的地方。"),
        )  # fmt: skip
        self.order_fields(self.field_order)

    def data_of(self) -> ResourceData:
        data = self.cleaned_data
        weekdays, opens, closes = times_of(data)
        return ResourceData(
            unit_id=data["unit"], resource_class=data["resource_class"], name=data["name"], about=data["about"],
            capacity=data["capacity"], weekdays=weekdays, opens=opens, closes=closes, price=data["price"],
            fen=fen_of(data["yuan"]), price_words=data["price_words"], areas=tuple(data["areas"]),
        )  # fmt: skip


class EndForm(ListForm):
    ended_on = day(_("从哪天起不再提供"))


class ClaimForm(ListForm):
    words = words(_("能做什么（可以不写）"), 300, required=False, rows=2)

    def __init__(self, resources: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["resource"] = forms.TypedChoiceField(
            label=_("用本单位的哪项资源（可以不选）"),
            choices=[("", "—"), *resources],
            coerce=int,
            empty_value=None,
            required=False,
            widget=forms.Select(attrs={"class": "form-select"}),
        )


class RateForm(ListForm):
    grade = forms.TypedChoiceField(
        label=_("您觉得怎么样"), choices=GRADES, coerce=int, widget=forms.RadioSelect,
        error_messages={"required": _("请选 1 到 5 分。")},
    )  # fmt: skip
    words = words(
        _("想说的话（可以不写）"),
        300,
        required=False,
        rows=3,
        help_text=_("不带姓名。请不要写电话、身份证号。"),
    )


class NeedForm(WantedForm):
    """A need told on a phone: little is asked, the rest is put right when it is screened."""

    title = words(_("您需要什么"), 80, help_text=_("一句话，如：楼里老人想学用手机。"))
    text = words(_("说说情况"), 1000, required=False, rows=3)
    key = forms.UUIDField(widget=forms.HiddenInput)
    field_order = ("title", "text", "place", "resource_class", "people", "key")

    def __init__(self, kinds: Choices, places: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(kinds, *args, **kwargs)
        self.fields["place"] = forms.ChoiceField(label=_("哪个社区"), choices=places)
        self.leave_time_open()
        self.order_fields(self.field_order)


class UnitNeedForm(NeedForm):
    """A unit's own need. `unit`: which of those one acts for."""

    unit = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, kinds: Choices, places: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(kinds, places, *args, **kwargs)
        self.fields["title"].label = _("贵单位需要什么")
        self.fields["title"].help_text = _("一句话，如：员工想就近学急救。")
        self.fields["people"].label = _("给多少人")
