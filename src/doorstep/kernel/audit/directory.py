"""Whom the audit tells of. It knows neither people nor accounts: the packages that do say how, once, at the start.

- The people's package gives their keys: what is personal in an entry is sealed under the key of its person.
- The accounts' package gives the names of those who acted, as they are now: an entry keeps the account's number alone,
  so a name does not outlive the erasure of its person.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Q


class Key(Protocol):
    """A person's own key. `open` raises for what it did not seal."""

    def seal(self, field: str, text: str) -> bytes: ...

    def open(self, field: str, sealed: bytes | memoryview) -> str: ...


Keys = Callable[[Collection[int]], Mapping[int, Key]]


@dataclass(frozen=True)
class Accounts:
    """names: by account, as pages show it. matching: a condition on `account_id` for those found by a name or username.
    usernames: by account."""

    names: Callable[[Collection[int]], Mapping[int, str]]
    usernames: Callable[[Collection[int]], Mapping[int, str]]
    matching: Callable[[str], Q]


_keys: list[Keys] = []
_accounts: list[Accounts] = []


def use_keys(keys: Keys) -> None:
    """`keys`: the keys of those persons who still have one; one query for any number."""
    _keys[:] = [keys]


def use_accounts(accounts: Accounts) -> None:
    _accounts[:] = [accounts]


def keys_of(person_ids: Collection[int]) -> Mapping[int, Key]:
    return _keys[0](person_ids) if person_ids else {}


def accounts() -> Accounts:
    return _accounts[0]
