"""The desk's own entries in the side navigation."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.navigation import ADMINISTRATION, WORK, MenuEntry, declare
from doorstep.kernel.indicators.capabilities import VIEW
from doorstep.kernel.matters.policies import HANDLE
from doorstep.kernel.obligations.policies import OWN
from doorstep.kernel.organisations.policies import APPOINT_ADMINISTRATORS
from doorstep.modules.requests.states import VIEW as SEE_REQUESTS

declare(
    MenuEntry(WORK, _("我的工作"), "desk:work", rank=10),
    MenuEntry(WORK, _("办件箱"), "desk:inbox", capability=HANDLE, rank=15),
    MenuEntry(WORK, _("超期看板"), "desk:overdue", capability=SEE_REQUESTS, rank=17),
    MenuEntry(WORK, _("吹哨看板"), "desk:whistles", capability=HANDLE, rank=16),
    MenuEntry(WORK, _("应办事项一览"), "desk:owed", capability=OWN, rank=18),
    MenuEntry(WORK, _("驾驶舱"), "desk:cockpit_home", capability=VIEW, rank=20),
    MenuEntry(
        ADMINISTRATION, _("管理员任职"), "desk:administrators", capability=APPOINT_ADMINISTRATORS, rank=30
    ),
)
