"""What a key may be used for at this interface: reading needs none."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.authority.scopes import Scope, declare

REPORT = "open311.report"

declare(Scope(REPORT, _("开放上报（Open311）"), _("按 Open311 GeoReport v2 代市民上报。"), partners=True))
