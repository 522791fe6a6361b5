"""What coverage does by itself: gaps are found, and follow the records."""

from __future__ import annotations

from doorstep.kernel.declarations.schedule import Periodic, declare

declare(
    Periodic("coverage.find_gaps", "doorstep.modules.coverage.services_gaps.find_gaps", every_seconds=300)
)
