"""A plan that is being decided and whose job was lost is asked for again."""

from __future__ import annotations

from doorstep.kernel.declarations.schedule import Periodic, declare

declare(Periodic("proposals.carry_on", "doorstep.kernel.proposals.services.carry_on", every_seconds=60))
