"""Words for what the audit tells of the vanguard; steps of wishes have the words of their law."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts, name_values

name_acts(
    {
        "vanguard.set_up": _("设立"),
        "vanguard.ended": _("终止"),
        "vanguard.given": _("任命"),
        "vanguard.let_go": _("离岗"),
        "vanguard.linked": _("计入项目"),
        "vanguard.reported_in": _("在职党员报到"),
        "vanguard.changed": _("修改报到资料"),
        "vanguard.received": _("社区收到报到"),
        "vanguard.left": _("结束报到"),
        "vanguard.no_phone": _("改由社区代为确认"),
        "vanguard.called_up": _("发起集结"),
        "vanguard.called": _("通知集结对象"),
        "vanguard.called_again": _("改集结人数"),
        "vanguard.call_answered": _("答复集结通知"),
        "vanguard.position_added": _("设集结岗位"),
        "vanguard.callup_ended": _("集结收尾"),
        "vanguard.seat_offered": _("请人接替"),
        "vanguard.offer_withdrawn": _("不再请人接替"),
        "vanguard.seat_taken": _("接替班次"),
        "vanguard.handed_over": _("交接班"),
        "vanguard.employer_told": _("向单位反馈"),
    }
)
name_values(
    {
        "callup": _("集结"), "shifts": _("班次"), "post": _("先锋岗"), "area": _("责任区"), "project": _("项目"), "people": _("人数"),
        "called": _("集结对象"), "answer": _("答复"), "coming": _("能来几人"),
        "fields": _("改了几项"), "activity": _("活动"),
    }
)  # fmt: skip
