"""Words for what the audit tells of activities."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts, name_values

name_acts(
    {
        "activities.announced": _("发布活动"),
        "activities.changed": _("修改活动"),
        "activities.session_moved": _("改时间或名额"),
        "activities.session_cancelled": _("取消场次"),
        "activities.insured": _("登记保险"),
        "activities.signed_up": _("报名"),
        "activities.withdrawn": _("退出"),
        "activities.moved_up": _("候补转正"),
        "activities.guardian_agreed": _("监护人同意"),
        "activities.came": _("到场"),
        "activities.went": _("离场"),
        "activities.corrected": _("更正到场"),
        "activities.confirmed": _("确认到场"),
        "activities.returned": _("退回确认"),
        "activities.calendar_made": _("启用手机日历"),
        "activities.calendar_ended": _("停用手机日历"),
    }
)

name_values(
    {
        "starts_at": _("开始"), "ends_at": _("结束"), "capacity": _("名额"), "in_at": _("到场"), "out_at": _("离场"),
        "how": _("方式"), "attendances": _("到场人次"), "head_count": _("到场人数"), "struck": _("剔除"), "session": _("场次"),
    }
)  # fmt: skip
