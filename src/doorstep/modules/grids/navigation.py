"""Grids' own entries in the side navigation; the registers enter by themselves."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.navigation import PLACES, MenuEntry, declare
from doorstep.modules.grids.policies import KEEP, VIEW

declare(
    MenuEntry(PLACES, _("网格员安排"), "grids:choose", capability=VIEW, rank=85, level="community"),
    MenuEntry(PLACES, _("网格员方案"), "grids:staffing_plans", capability=KEEP, rank=86, level="community"),
    MenuEntry(PLACES, _("划分网格"), "grids:plans", capability=KEEP, rank=84, level="community"),
)
