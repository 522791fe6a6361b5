"""Words for what the audit tells of redemption."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts, name_values

name_acts(
    {
        "volunteering.programme_created": _("新建兑换项目"),
        "volunteering.programme_changed": _("修改兑换项目"),
        "volunteering.fund_added": _("登记兑换资金"),
        "volunteering.partner_added": _("登记兑换商户"),
        "volunteering.partner_changed": _("修改商户协议"),
        "volunteering.item_added": _("上架兑换物品"),
        "volunteering.item_changed": _("修改兑换物品"),
        "volunteering.delivered": _("物品入库"),
        "volunteering.written_off": _("核销库存"),
        "volunteering.slip_made": _("开小票"),
        "volunteering.slip_brought": _("导入以前的小票"),
        "volunteering.slip_offered": _("商户确认，等本人确认"),
        "volunteering.slip_not_taken": _("撤回确认"),
        "volunteering.slip_lapsed": _("超过时间，恢复待兑换"),
        "volunteering.slip_vouched": _("社区为纸质小票签字"),
        "volunteering.slip_handed": _("兑换"),
        "volunteering.slip_void": _("小票作废"),
        "volunteering.slip_expired": _("小票过期，退回积分"),
        "volunteering.settlement_made": _("做结算"),
        "volunteering.settlement_agreed": _("商户核对结算"),
        "volunteering.settlement_paid": _("登记付款"),
    }
)
name_values(
    {"goods": _("物品"), "pieces": _("数量"), "organiser_id": _("主办单位"), "merchant_id": _("商户")}
)
