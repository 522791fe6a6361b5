"""The desk's own entries in the side navigation."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.navigation import WORK, MenuEntry, declare
from doorstep.kernel.indicators.capabilities import VIEW

declare(
    MenuEntry(WORK, _("我的工作"), "desk:work", rank=10),
    MenuEntry(WORK, _("驾驶舱"), "desk:cockpit_home", capability=VIEW, rank=20),
)
