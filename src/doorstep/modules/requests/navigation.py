"""Requests' own entries in the side navigation; the registers enter by themselves."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.navigation import REPORTS, WORK, MenuEntry, declare
from doorstep.modules.requests.states import CALL_BACK, VIEW

declare(
    MenuEntry(WORK, _("回访席"), "requests:call_backs", capability=CALL_BACK, rank=30),
    MenuEntry(REPORTS, _("三率报告"), "requests:rates_home", capability=VIEW, rank=40, level="community"),
)
