"""Words for what the audit tells of grids."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts, name_values

name_acts(
    {
        "grids.attach_force": _("登记下沉力量"),
        "grids.end_force": _("终止下沉力量"),
        "grids.set_line": _("设定监督电话"),
        "grids.end_line": _("停用监督电话"),
        "grids.list_work": _("登记网格工作清单"),
        "grids.end_work": _("移出网格工作清单"),
        "grids.enrol_professional": _("登记三官一律"),
        "grids.end_professional": _("终止三官一律"),
        "grids.add_slot": _("安排驻点时间"),
        "grids.end_slot": _("取消驻点时间"),
        "grids.visit_noted": _("登记走访"),
        "grids.visit_corrected": _("更正走访"),
        "grids.visit_forgotten": _("走访内容按期删除"),
        "grids.legal_visit_noted": _("登记法律服务活动"),
        "grids.legal_visit_corrected": _("更正法律服务活动"),
        "grids.question_answered": _("登记法律咨询"),
        "grids.question_corrected": _("更正法律咨询"),
        "grids.question_published": _("调整法律咨询公开范围"),
        "grids.plan_made": _("新建网格方案"),
        "grids.plan_run": _("继续计算网格方案"),
        "grids.plan_stopped": _("停止计算网格方案"),
        "grids.plan_moved": _("在方案里移动楼栋"),
        "grids.plan_pinned": _("给方案加要求"),
        "grids.plan_unpinned": _("去掉方案的要求"),
        "grids.plan_undone": _("方案撤销一步"),
        "grids.plan_grid_named": _("给方案的网格改名"),
        "grids.plan_worker_chosen": _("选定方案的网格员"),
        "grids.plan_remarked": _("对方案提意见"),
        "grids.plan_sent": _("网格方案送审"),
        "grids.plan_sent_back": _("退回网格方案"),
        "grids.plan_approved": _("批准网格方案"),
        "grids.plan_taken_back": _("收回网格方案"),
        "grids.plan_dropped": _("放弃网格方案"),
        "grids.plan_applied": _("网格方案生效"),
        "grids.plan_refused": _("网格方案未能生效"),
        "grids.staffing_made": _("新建网格员方案"),
        "grids.staffing_computed": _("重新计算网格员方案"),
        "grids.staffing_moved": _("在方案里给网格换网格员"),
        "grids.staffing_pinned": _("给网格员方案加要求"),
        "grids.staffing_unpinned": _("去掉网格员方案的要求"),
        "grids.staffing_undone": _("网格员方案撤销一步"),
        "grids.staffing_sent": _("网格员方案送审"),
        "grids.staffing_sent_back": _("退回网格员方案"),
        "grids.staffing_approved": _("批准网格员方案"),
        "grids.staffing_taken_back": _("收回网格员方案"),
        "grids.staffing_dropped": _("放弃网格员方案"),
        "grids.staffing_applied": _("网格员方案生效"),
        "grids.staffing_refused": _("网格员方案未能生效"),
        "grids.difficulty_set": _("登记小区难度"),
        "grids.difficulty_ended": _("终止小区难度"),
    }
)

name_values({"when": _("时间"), "erased": _("已删除"), "note": _("情况")})
