"""The actor of a request, a command or a task, with what its appointments in force grant."""

from __future__ import annotations

from dataclasses import dataclass, field

from doorstep.kernel.shared.place_codes import contains, minimal


@dataclass(frozen=True)
class Grant:
    """What one appointment gives: its post's capabilities over its own places."""

    post: str
    unit_id: int
    places: tuple[str, ...]
    capabilities: frozenset[str]
    appointment_id: int = 0

    def covers(self, place_code: str) -> bool:
        return any(contains(place, place_code) for place in self.places)


@dataclass(frozen=True)
class Actor:
    """Somebody (or the system itself) acting now. Everybody has participation; only grants give more.

    via: the beginning of the key that a program acts with; the audit names it.
    """

    account_id: int | None
    person_id: int | None = None
    name: str = ""
    grants: tuple[Grant, ...] = field(default=())
    is_system: bool = False
    via: str = ""

    @property
    def is_anonymous(self) -> bool:
        return self.account_id is None and not self.is_system

    @property
    def is_staff(self) -> bool:
        """Holds at least one appointment in force."""
        return bool(self.grants)

    def holds(self, capability: str, place_code: str) -> bool:
        """May this actor use `capability` on something at `place_code`?"""
        if self.is_system:
            return True
        return any(capability in grant.capabilities and grant.covers(place_code) for grant in self.grants)

    def holds_somewhere(self, capability: str) -> bool:
        return self.is_system or any(capability in grant.capabilities for grant in self.grants)

    def stands_near(self, place_code: str) -> bool:
        """Has a post whose places hold this one, or lie in it: anybody else is an outsider there."""
        places = (place for grant in self.grants for place in grant.places)
        return self.is_system or any(contains(one, place_code) or contains(place_code, one) for one in places)

    def places_for(self, capability: str) -> list[str]:
        """Subtrees over which the actor holds `capability`, by the fewest codes."""
        if self.is_system:
            return [""]
        return minimal(
            place for grant in self.grants if capability in grant.capabilities for place in grant.places
        )

    def posts(self) -> frozenset[str]:
        return frozenset(grant.post for grant in self.grants)

    def scope_text(self) -> str:
        """The scope as audit keeps it: posts and places at this moment."""
        if self.is_system:
            return "system"
        scopes = sorted(f"{grant.post}@{','.join(grant.places)}" for grant in self.grants)
        return "; ".join([*scopes, f"key {self.via}"] if self.via else scopes)


ANONYMOUS = Actor(account_id=None)


def system_actor(reason: str) -> Actor:
    """The platform itself at work; `reason` (a command's or task's name) stands in the audit."""
    return Actor(account_id=None, name=reason, is_system=True)
