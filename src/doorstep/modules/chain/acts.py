"""Words for what the audit tells of the chain."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts, name_values

name_acts(
    {
        "chain.branch_established": _("成立网格党支部"),
        "chain.group_formed": _("成立楼栋党小组"),
        "chain.household_designated": _("认定党员中心户"),
        "chain.household_followed_grids": _("党员中心户随网格调整"),
        "chain.household_revoked": _("撤销党员中心户"),
        "chain.members_counted": _("登记党员人数"),
        "chain.form_set": _("确定组织形式"),
        "chain.term_started": _("登记任期"),
        "chain.term_extended": _("调整任期"),
        "chain.grids_changed": _("调整覆盖网格"),
        "chain.buildings_changed": _("调整覆盖楼栋"),
        "chain.building_members_counted": _("登记楼栋党员人数"),
        "chain.group_plan_made": _("新建小组方案"),
        "chain.group_plan_computed": _("重新计算小组方案"),
        "chain.group_plan_moved": _("在小组方案里移动楼栋"),
        "chain.group_plan_pinned": _("在小组方案里加要求"),
        "chain.group_plan_unpinned": _("去掉小组方案的要求"),
        "chain.group_plan_undone": _("小组方案撤销一步"),
        "chain.group_plan_named": _("给方案里的小组起名"),
        "chain.group_plan_sent": _("小组方案送审"),
        "chain.group_plan_sent_back": _("退回小组方案"),
        "chain.group_plan_approved": _("批准小组方案"),
        "chain.group_plan_taken_back": _("收回小组方案"),
        "chain.group_plan_dropped": _("放弃小组方案"),
        "chain.group_plan_applied": _("小组方案生效"),
        "chain.group_plan_refused": _("小组方案未能生效"),
    }
)

name_values(
    {
        "grids": _("网格"),
        "buildings": _("楼栋"),
        "form": _("组织形式"),
        "full": _("正式党员"),
        "probationary": _("预备党员"),
        "counted_on": _("统计日期"),
        "number": _("届次"),
        "committee_size": _("委员人数"),
        "approval": _("例外批准文号"),
        "valid_from": _("起"),
        "valid_to": _("止"),
        "building_id": None,
    }
)
