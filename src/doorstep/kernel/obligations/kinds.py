"""Kinds of record that can prove that something owed was done, as packages declare them.

A record that proves holds a `OneToOneField(Proof)`; whoever writes it calls `services_proof` in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class ProofKind:
    """One kind of record. conditions: what a rule may ask of it, code → words ("quorum" → 达到法定人数). `register`: where such
    records are listed; `page`: name of the address where one is recorded, "" for none; it takes ?unit= and ?kind=."""

    code: str
    name: Text
    conditions: Mapping[str, Text] = field(default_factory=dict)
    register: str = ""
    page: str = ""


_kinds: dict[str, ProofKind] = {}


def declare(*kinds: ProofKind) -> None:
    for kind in kinds:
        if kind.code in _kinds:
            raise RuntimeError(f"proof of kind {kind.code} is declared twice")
        _kinds[kind.code] = kind


def kind_of(code: str) -> ProofKind | None:
    return _kinds.get(code)


def all_kinds() -> list[ProofKind]:
    return list(_kinds.values())


def name_of(code: str) -> str:
    """Its words; the code itself where its package is no longer there."""
    kind = _kinds.get(code)
    return str(kind.name) if kind else code
