"""Sealing runs by itself, every minute."""

from doorstep.kernel.declarations.schedule import Periodic, declare

declare(Periodic(name="seal the audit", call="doorstep.kernel.audit.seal.seal_committed", every_seconds=60))
