"""The same step for many matters, each on its own terms: one that cannot take it does not hold up the rest."""

from __future__ import annotations

from collections.abc import Mapping

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.services import apply_transition, apply_transitions
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.shared.errors import Refused


def apply_to_each(
    *, actor: Actor, versions: Mapping[int, int], name: str, inputs: Inputs
) -> dict[int, Refused | None]:
    """Take the step for every matter of `versions` (id → the version that was read); why not, for each refused.

    All in one transaction where all can; where one is refused, each in a transaction of its own.
    """
    try:
        apply_transitions(
            actor=actor, matter_ids=list(versions), name=name, inputs=inputs, expected_versions=dict(versions)
        )
    except Refused:
        return {pk: _one(actor, pk, version, name, inputs) for pk, version in sorted(versions.items())}
    return dict.fromkeys(versions)


def _one(actor: Actor, pk: int, version: int, name: str, inputs: Inputs) -> Refused | None:
    try:
        apply_transition(actor=actor, matter_id=pk, name=name, inputs=inputs, expected_version=version)
    except Refused as refusal:
        return refusal
    return None
