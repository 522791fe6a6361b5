"""Cultural events' own entries in the side navigation; the registers enter by themselves."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.activities.policies import ORGANISE
from doorstep.kernel.declarations.navigation import VOLUNTEERS, MenuEntry, declare

declare(MenuEntry(VOLUNTEERS, _("策划文化活动"), "culture:plan", capability=ORGANISE, rank=80))
