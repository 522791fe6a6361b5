"""What posts may do. A package declares its capabilities with the posts that hold them; there is no second list."""

from __future__ import annotations

from collections.abc import Iterable

_holders: dict[str, set[str]] = {}


def declare(capability: str, *, posts: Iterable[str]) -> str:
    """Give `posts` the `capability` ("package.verb"). Declaring again adds posts."""
    _holders.setdefault(capability, set()).update(posts)
    return capability


def capabilities_of(post: str) -> frozenset[str]:
    return frozenset(capability for capability, posts in _holders.items() if post in posts)


def all_capabilities() -> dict[str, frozenset[str]]:
    return {capability: frozenset(posts) for capability, posts in sorted(_holders.items())}
