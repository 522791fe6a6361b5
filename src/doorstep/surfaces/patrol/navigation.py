"""Patrol's entry in the desk's navigation, and that grid workers begin there."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.navigation import WORK, MenuEntry, declare, declare_first_page
from doorstep.modules.requests.states import ON_THE_SPOT

declare(MenuEntry(WORK, _("手机办件"), "patrol:home", capability=ON_THE_SPOT, rank=12))
declare_first_page("patrol:home", "grid_worker")
