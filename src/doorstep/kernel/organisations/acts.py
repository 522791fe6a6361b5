"""What is done to units and appointments, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts, name_values

name_acts(
    {
        "organisations.founded": _("成立"),
        "organisations.adjusted": _("调整"),
        "organisations.dissolved": _("撤销"),
        "organisations.merged": _("并入其他单位"),
        "organisations.split": _("拆分"),
        "organisations.appointed": _("任命"),
        "organisations.substituted": _("安排代理"),
        "organisations.appointment_extended": _("延长任职"),
        "organisations.appointment_ended": _("离任"),
        "organisations.appointment_withdrawn": _("撤回任命"),
        "organisations.appointment_followed_grids": _("任职范围随网格调整"),
        "organisations.rearranged": _("网格员调整网格"),
    }
)

name_values(
    {
        "name": _("名称"),
        "place_code": _("地方"),
        "superior": _("上级"),
        "phone": _("办公电话"),
        "hours": _("办公时间"),
        "address": _("办公地址"),
        "effective_on": _("生效日期"),
        "reason": _("原因"),
        "places": _("负责范围"),
        "superior_id": None,
        "unit_id": None,
        "substitute_for": None,
        "into": _("并入"),
        "merged": _("并进来的单位"),
        "parts": _("分出的单位"),
    }
)
