"""Redemption's own entries in the side navigation; the registers enter by themselves. A shop begins at its counter."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.navigation import VOLUNTEERS, MenuEntry, declare, declare_first_page
from doorstep.modules.volunteering.policies_redemption import HAND, OFFER, SETTLE

declare(
    MenuEntry(VOLUNTEERS, _("凭卡兑换"), "volunteering:desk", capability=HAND, rank=70),
    MenuEntry(VOLUNTEERS, _("商户结算"), "volunteering:settlements", capability=SETTLE, rank=71),
    MenuEntry(VOLUNTEERS, _("积分兑换核销"), "volunteering:merchant", capability=OFFER, rank=72),
)
declare_first_page(
    "volunteering:merchant", "merchant_manager", "merchant_clerk", name=_("积分兑换核销"), on_phone=True
)
