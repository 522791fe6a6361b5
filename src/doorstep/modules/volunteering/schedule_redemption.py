"""What redemption does by itself: offers lapse, slips past their day give everything back."""

from __future__ import annotations

from doorstep.kernel.declarations.schedule import Periodic, declare

declare(
    Periodic(
        "volunteering.end_slips",
        "doorstep.modules.volunteering.services_slip_ends.end_slips",
        every_seconds=300,
    )
)
