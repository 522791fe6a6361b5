"""Words for what the audit tells of obligations."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts, name_values

name_acts(
    {
        "obligations.rule_set": _("设定应办规则"),
        "obligations.rule_ended": _("终止应办规则"),
        "obligations.minutes_recorded": _("登记会议记录"),
        "obligations.minutes_cancelled": _("作废会议记录"),
        "obligations.past_brought": _("带入以前的会议记录"),
        "obligations.exempted": _("豁免应办事项"),
        "obligations.exemption_withdrawn": _("撤销豁免"),
        "obligations.calendar_made": _("启用单位日历"),
        "obligations.calendar_ended": _("停用单位日历"),
    }
)
name_values({"quorate": _("达到规定人数"), "cancelled": _("作废"), "withdrawn": _("撤销")})
