"""The four lists' own entries in the side navigation; the registers enter by themselves."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.navigation import PARTNERS, MenuEntry, declare
from doorstep.modules.partnership.policies import ACT
from doorstep.modules.partnership.states_needs import VIEW

declare(
    MenuEntry(PARTNERS, _("四个清单"), "partnership:lists", capability=VIEW, rank=10),
    MenuEntry(PARTNERS, _("附近需要什么"), "partnership:unit_near", capability=ACT, rank=12),
    MenuEntry(PARTNERS, _("本单位的项目和资源"), "partnership:unit_mine", capability=ACT, rank=14),
)
