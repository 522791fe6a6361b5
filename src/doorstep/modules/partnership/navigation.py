"""Partners' own entries in the side navigation; the registers enter by themselves. Liaisons begin with their own
unit."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.navigation import PARTNERS, MenuEntry, declare, declare_first_page
from doorstep.modules.partnership.policies import ACT, VIEW

declare(
    MenuEntry(PARTNERS, _("融合共建"), "partnership:home", capability=VIEW, rank=10),
    MenuEntry(PARTNERS, _("我的单位"), "partnership:own", capability=ACT, rank=12),
)
declare_first_page("partnership:own", "unit_liaison", name=_("我的单位"), on_phone=True)
