"""What else follows when minutes are cancelled: packages that keep something on minutes are called in the same transaction."""

from __future__ import annotations

from collections.abc import Callable

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.obligations.models import Minutes

Follower = Callable[[Actor, Minutes], None]
_followers: dict[str, Follower] = {}


def follows_cancelling(key: str, follower: Follower) -> None:
    """`follower` is called with the cancelled minutes. Raises RuntimeError the second time."""
    if key in _followers:
        raise RuntimeError(f"{key} follows cancelled minutes twice")
    _followers[key] = follower


def follow_cancelled(actor: Actor, minutes: Minutes) -> None:
    for _key, follower in sorted(_followers.items()):
        follower(actor, minutes)
