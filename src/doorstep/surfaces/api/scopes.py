"""What a key for this API may be used for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.authority.scopes import Scope, declare

PLACES, FIGURES, REGISTERS = "places.read", "figures.read", "registers.read"
MATTERS, REPORT, ACT = "matters.read", "matters.report", "matters.act"

declare(
    Scope(PLACES, _("看地方"), _("您负责的地方和它们的下级。")),
    Scope(FIGURES, _("看指标"), _("指标、指标背后的记录、断点。")),
    Scope(REGISTERS, _("看名册"), _("您能打开的名册，个人信息照样遮盖。")),
    Scope(MATTERS, _("看事项"), _("您能看到的诉求等事项，和各自的办理记录。")),
    Scope(REPORT, _("上报"), _("以您的名义上报诉求。")),
    Scope(ACT, _("办事项"), _("以您的名义接办、办完、核实等，限您本人能做的步骤。")),
)
