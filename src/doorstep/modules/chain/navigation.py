"""The chain's own entries in the side navigation; its registers enter by themselves."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.findings import list_at
from doorstep.kernel.declarations.navigation import CHAIN, PLACES, MenuEntry, declare
from doorstep.kernel.places.policies import ADJUST_GRIDS
from doorstep.modules.chain.policies import KEEP, VIEW

list_at("chain:breaks")
declare(
    MenuEntry(CHAIN, _("四级链条"), "chain:home", capability=VIEW, rank=10),
    MenuEntry(CHAIN, _("划分楼栋党小组"), "chain:group_plans", capability=KEEP, rank=15, level="community"),
    MenuEntry(CHAIN, _("断点"), "chain:breaks", capability=VIEW, rank=20),
    MenuEntry(PLACES, _("网格调整"), "chain:choose_grid", capability=ADJUST_GRIDS, rank=90),
)
