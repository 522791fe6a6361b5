"""An account on record for an actor made by hand, so that a history can name who acted."""

from __future__ import annotations

from dataclasses import replace

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.models import Account


def on_record(actor: Actor) -> Actor:
    """The same actor with an account of its own; without a person, it goes by its username."""
    return replace(actor, account_id=Account.objects.create(username=actor.name).pk)
