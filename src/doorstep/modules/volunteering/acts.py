"""Words for what the audit tells of volunteering. Redemption: acts_redemption."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts, name_values
from doorstep.modules.volunteering import acts_redemption  # noqa: F401  declared by being imported

name_acts(
    {
        "volunteering.registered": _("注册志愿者"),
        "volunteering.changed": _("修改志愿者资料"),
        "volunteering.left": _("退出志愿者"),
        "volunteering.came_back": _("重新成为志愿者"),
        "volunteering.joined_team": _("加入服务队"),
        "volunteering.left_team": _("退出服务队"),
        "volunteering.card_given": _("发放志愿者卡"),
        "volunteering.card_stopped": _("停用志愿者卡"),
        "volunteering.keep_kind": _("设定服务类别"),
        "volunteering.end_kind": _("停用服务类别"),
        "volunteering.keep_brand": _("登记服务品牌"),
        "volunteering.end_brand": _("停用服务品牌"),
        "volunteering.keep_force": _("登记专业力量"),
        "volunteering.end_force": _("终止专业力量"),
        "volunteering.keep_team": _("填写服务队资料"),
        "volunteering.approved": _("审核服务时长"),
        "volunteering.taken_back": _("收回服务记录"),
        "volunteering.credit_corrected": _("服务记录随更正调整"),
        "volunteering.odd_decided": _("核实异常记录"),
        "volunteering.appealed": _("提出申诉"),
        "volunteering.appeal_answered": _("答复申诉"),
        "volunteering.published": _("发布季度公示"),
    }
)

name_values(
    {
        "credited": _("计入人数"), "volunteer_number": _("志愿者编号"), "others": _("未注册人数"), "untrue": _("核实不实人数"), "minutes": _("分钟"), "points": _("积分"),
        "decision": _("结论"), "outcome": _("结果"), "quarter": _("季度"), "team": _("服务队"), "skills": _("技能"),
        "times": _("可服务时间"), "points_kept": _("以前已兑换的积分"),
    }
)  # fmt: skip
