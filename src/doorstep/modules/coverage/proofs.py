"""A visit of an instructor proves that an organisation was visited."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.obligations.kinds import ProofKind, declare

VISIT, COORDINATION = "visit", "coordination"  # kinds of proof; the second is a meeting of the kernel's

declare(ProofKind(VISIT, _("走访企业"), register="coverage.visits", page="coverage:visit"))
