"""Sealing runs by itself, every minute."""

from doorstep.kernel.declarations.schedule import Periodic, declare

declare(Periodic(name="seal the ledger", call="doorstep.kernel.ledger.seal.seal_committed", every_seconds=60))
