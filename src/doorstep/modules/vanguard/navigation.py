"""The vanguard's own entries in the side navigation; the registers enter by themselves."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.navigation import VOLUNTEERS, WORK, MenuEntry, declare
from doorstep.modules.vanguard import states
from doorstep.modules.vanguard.policies import ANSWER, READ_FEEDBACK, TELL_EMPLOYERS, VIEW

declare(
    MenuEntry(VOLUNTEERS, _("心愿和困难"), "vanguard:board", capability=states.VIEW, rank=50),
    MenuEntry(VOLUNTEERS, _("党员集结"), "vanguard:callups", capability=VIEW, rank=51),
    MenuEntry(VOLUNTEERS, _("责任区地图"), "vanguard:areas", capability=VIEW, rank=52),
    MenuEntry(VOLUNTEERS, _("向单位反馈"), "vanguard:telling", capability=TELL_EMPLOYERS, rank=53),
    MenuEntry(WORK, _("集结通知"), "vanguard:calls", capability=ANSWER, rank=89),
    MenuEntry(WORK, _("本单位党员的社区服务"), "vanguard:told", capability=READ_FEEDBACK, rank=90),
)
