"""The numbers of volunteering: caps, expiry, milestones, terms, and what is worth a look."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.numbers import Number, Numbers, declare
from doorstep.modules.volunteering import numbers_redemption
from doorstep.modules.volunteering.models import RuleValue

_MINUTES, _DAYS, _PEOPLE, _HOURS = _("分钟"), _("天"), _("人"), _("小时")

declare(
    Numbers("volunteering", _("志愿服务"), RuleValue, (
        Number("cap.activity", _("单次服务最多计入"), _MINUTES, least=30, most=1440),
        Number("cap.day", _("一个人一天最多计入"), _MINUTES, least=30, most=1440),
        Number("cap.month", _("一个人一个月最多计入"), _MINUTES, least=60, most=44640),
        Number("points.months", _("积分有效期"), _("个月"), least=1, most=120),
        Number("milestones", _("服务时长里程碑"), _HOURS, kind="wholes", count=5, least=1, most=20000),
        Number("record.step", _("服务记录的时长按多少分钟取整（向下）"), _MINUTES, least=6, most=60),
        Number("confirm.hours", _("活动结束后多久以内确认到场"), _HOURS, least=1, most=720),
        Number("appeal.within", _("计入后多久以内可以申诉"), _DAYS, least=7, most=730),
        Number("appeal.days", _("申诉的答复期限"), _("个工作日"), least=1, most=60),
        Number("statement.days", _("季度公示至少保留"), _DAYS, least=7, most=3660),
        Number("oddity.identical", _("到离场时间完全一致的，几人起提示核实"), _PEOPLE, least=2, most=200),
        Number("oddity.late", _("一场里事后补录的，几人起提示核实"), _PEOPLE, least=2, most=200),
        Number("oddity.confirmer_days", _("看一个单位多久以内的确认"), _DAYS, least=7, most=366),
        Number("oddity.confirmer_share", _("一人确认的时长占本单位多少起提示核实"), kind="share"),
        Number("oddity.confirmer_hours", _("本单位时长满多少小时才看这一项"), _HOURS, least=1, most=20000),
        Number("oddity.journey", _("两个社区之间至少要多少分钟"), _MINUTES, least=1, most=240),
        *numbers_redemption.NUMBERS,
    ))
)  # fmt: skip
