"""Words for what the audit tells of partners."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts, name_values

name_acts(
    {
        "partnership.signed": _("签订共建协议"),
        "partnership.renewed": _("续签共建协议"),
        "partnership.ended": _("终止共建协议"),
        "partnership.consultation_called": _("召集协商议事会"),
        "partnership.consultation_called_off": _("取消协商议事会"),
        "partnership.consultation_minuted": _("登记协商议事会记录"),
        "partnership.topic_brought": _("提出议题"),
        "partnership.topic_screened": _("筛选议题"),
        "partnership.gathering_planned": _("发布共建活动"),
        "partnership.held": _("共建活动记为凭据"),
        "partnership.paired": _("结对共建"),
        "partnership.pairing_ended": _("结束结对"),
        "partnership.item_planned": _("列入结对计划"),
        "partnership.item_dropped": _("取消结对计划事项"),
        "partnership.deed_recorded": _("登记结对记录"),
        "partnership.deed_confirmed": _("确认结对记录"),
        "partnership.deed_struck": _("作废结对记录"),
    }
)
name_values({"agreement": _("协议"), "topics_until": _("议题征集到")})
