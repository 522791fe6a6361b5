"""The brief's entry in the side navigation."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.navigation import REPORTS, MenuEntry, declare
from doorstep.kernel.indicators.capabilities import VIEW

declare(MenuEntry(REPORTS, _("简报"), "briefs:home", capability=VIEW, rank=10))
