"""Pages of the web package in the side navigation."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.navigation import ADMINISTRATION, MenuEntry, declare
from doorstep.kernel.matters.policies import SET_TERMS

declare(MenuEntry(ADMINISTRATION, _("规则值"), "numbers:all", capability=SET_TERMS))
