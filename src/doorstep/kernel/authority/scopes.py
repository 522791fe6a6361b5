"""What a key may be used for. Each interface declares its own scopes; a key holds some of them, never more than its owner may."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Scope:
    """One scope. `says`: what it lets a program do, for whoever makes a key. `partners`: a partner's key may hold it too."""

    code: str
    name: str | Promise
    says: str | Promise
    partners: bool = False


_scopes: dict[str, Scope] = {}


def declare(*scopes: Scope) -> None:
    for scope in scopes:
        if _scopes.setdefault(scope.code, scope) != scope:
            raise RuntimeError(f"scope {scope.code} is declared twice")


def all_scopes(*, partners: bool = False) -> list[Scope]:
    """In the order of their codes; with `partners` those a partner's key may hold."""
    return [_scopes[code] for code in sorted(_scopes) if _scopes[code].partners or not partners]


def scope_names(codes: Iterable[str]) -> list[str]:
    """Names of the scopes; of one that no interface declares any more its code."""
    return [str(_scopes[code].name) if code in _scopes else code for code in codes]
