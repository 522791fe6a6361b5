"""Partners' own entries in the side navigation; the registers enter by themselves."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.navigation import PARTNERS, MenuEntry, declare
from doorstep.modules.partnership.policies import ACT, VIEW

declare(
    MenuEntry(PARTNERS, _("融合共建"), "partnership:home", capability=VIEW, rank=10),
    MenuEntry(PARTNERS, _("我的单位"), "partnership:own", capability=ACT, rank=12),
)
