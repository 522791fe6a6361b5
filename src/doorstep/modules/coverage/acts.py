"""Words for what the audit tells of coverage."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts

name_acts(
    {
        "coverage.registered": _("登记新兴领域组织"),
        "coverage.corrected": _("更正新兴领域组织"),
        "coverage.counted": _("登记职工和党员人数"),
        "coverage.covered": _("登记党组织覆盖"),
        "coverage.uncovered": _("终止党组织覆盖"),
        "coverage.gap_planned": _("定消除空白的办法"),
        "coverage.visited": _("登记入企走访"),
        "coverage.visit_cancelled": _("作废入企走访"),
        "coverage.past_visits": _("带入以前的入企走访"),
        "coverage.page_written": _("编写社区品牌或经验"),
        "coverage.page_submitted": _("送审社区品牌或经验"),
        "coverage.page_approved": _("发布社区品牌或经验"),
        "coverage.page_sent_back": _("退回社区品牌或经验"),
        "coverage.page_withdrawn": _("撤下社区品牌或经验"),
        "coverage.assistance_begun": _("开始四个一帮扶"),
        "coverage.assistance_decided": _("认定帮扶结果"),
        "coverage.day_recorded": _("登记蹲点调研或现场办公"),
        "coverage.part_set": _("设定帮扶内容"),
        "coverage.part_ended": _("终止帮扶内容"),
        "coverage.member_joined": _("加入协调机制"),
        "coverage.member_left": _("退出协调机制"),
    }
)
