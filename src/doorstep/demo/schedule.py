"""The demo district's requests come in behind the running platform."""

from __future__ import annotations

from doorstep.kernel.declarations.schedule import Periodic, declare

declare(Periodic("demo.requests", "doorstep.demo.tasks.carry_on", every_seconds=20))
