"""Words for what the audit tells of requests besides the steps of their laws."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts, name_values

name_acts(
    {
        "requests.call_back": _("回访"),
        "requests.rate": _("评价"),
        "requests.sample": _("抽取回访样本"),
        "requests.spot_check": _("抽查当场办结"),
        "requests.settle_fault": _("处理派办故障"),
        "requests.list_item": _("列入事项目录"),
        "requests.end_item": _("移出事项目录"),
        "requests.set_route": _("设定派办规则"),
        "requests.end_route": _("终止派办规则"),
        "requests.change_item": _("改定事项"),
        "whistles.call": _("召集部门"),
        "whistles.release": _("解除召集"),
        "whistles.join": _("协办部门应哨"),
        "whistles.excuse": _("协办部门提出异议"),
        "whistles.arrive": _("到场签到"),
        "whistles.grade": _("评价部门"),
    }
)
name_values(
    {
        "satisfaction": _("满意程度"), "solved": _("已解决"), "contacted": _("承办人联系过"), "valid": _("有效"),
        "invalid_reason": _("无效原因"), "item": _("事项"), "month": _("月份"), "closing": None, "grade": _("街道评价"),
    }
)  # fmt: skip
