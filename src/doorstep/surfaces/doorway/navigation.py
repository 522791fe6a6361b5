"""The doorway's entry in the side navigation of who organises something."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.activities.policies import ORGANISE
from doorstep.kernel.declarations.navigation import VOLUNTEERS, MenuEntry, declare

declare(MenuEntry(VOLUNTEERS, _("组织活动"), "doorway:organise", capability=ORGANISE, rank=10))
