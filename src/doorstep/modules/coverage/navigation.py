"""Coverage's own entry in the side navigation; the registers enter by themselves."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.navigation import CHAIN, WORK, MenuEntry, declare
from doorstep.modules.coverage.policies import VIEW, VISIT

declare(
    MenuEntry(CHAIN, _("覆盖提升"), "coverage:home", capability=VIEW, rank=40),
    MenuEntry(WORK, _("我的入企走访"), "coverage:my_visits", capability=VISIT, rank=30),
)
