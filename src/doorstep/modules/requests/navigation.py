"""Requests' own entries in the side navigation; the registers enter by themselves."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.navigation import REPORTS, WORK, MenuEntry, declare
from doorstep.modules.requests.policies import BRING_HOTLINE
from doorstep.modules.requests.states import CALL_BACK, OPEN, VIEW

declare(
    MenuEntry(WORK, _("登记来电来访"), "requests:take", capability=OPEN, rank=18),
    MenuEntry(WORK, _("热线台"), "requests:hotline", capability=BRING_HOTLINE, rank=29),
    MenuEntry(WORK, _("回访席"), "requests:call_backs", capability=CALL_BACK, rank=30),
    MenuEntry(REPORTS, _("三率报告"), "requests:rates_home", capability=VIEW, rank=40, level="community"),
)
