"""A step of a matter of any kind by its name, with what the module does beside the table where there is something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters import services as matters
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.steps import Inputs
from doorstep.modules.requests import services_steps, services_whistle

Taken = Callable[[Actor, int, Inputs, int | None], Matter]


def take(
    *, actor: Actor, matter_id: int, name: str, inputs: Inputs, expected_version: int | None = None
) -> Matter:
    """Refusals are those of `apply_transition` and of the module's own steps."""
    kind = Matter.objects.filter(pk=matter_id).values_list("kind", flat=True).first()
    special = _OF_KIND.get(kind or "", {}).get(name)
    if special is not None:
        return special(actor, matter_id, inputs, expected_version)
    return matters.apply_transition(
        actor=actor, matter_id=matter_id, name=name, inputs=inputs, expected_version=expected_version
    )


def _raise(actor: Actor, matter_id: int, inputs: Inputs, version: int | None) -> Matter:
    if inputs.unit_id is not None:
        return matters.apply_transition(
            actor=actor, matter_id=matter_id, name="raise", inputs=inputs, expected_version=version
        )
    return services_steps.raise_up(
        actor=actor, matter_id=matter_id, internal=inputs.internal, note=inputs.note, data=inputs.data,
        expected_version=version,
    )  # fmt: skip


def _on_the_spot(actor: Actor, matter_id: int, inputs: Inputs, version: int | None) -> Matter:
    return services_steps.settle_on_the_spot(
        actor=actor, matter_id=matter_id, inputs=inputs, expected_version=version
    )


def _ask_reopening(actor: Actor, matter_id: int, inputs: Inputs, version: int | None) -> Matter:
    return services_steps.ask_reopening(
        actor=actor, matter_id=matter_id, note=inputs.note, expected_version=version
    )


def _issue(actor: Actor, matter_id: int, inputs: Inputs, version: int | None) -> Matter:
    return services_whistle.issue(
        actor=actor, matter_id=matter_id, lead_id=inputs.unit_id or 0, others=inputs.data.get("others", ()),
        note=inputs.note, expected_version=version,
    ).matter  # fmt: skip


def _accept(actor: Actor, matter_id: int, inputs: Inputs, version: int | None) -> Matter:
    return services_whistle.accept(
        actor=actor, matter_id=matter_id, note=inputs.note, expected_version=version
    ).matter


def _object(actor: Actor, matter_id: int, inputs: Inputs, version: int | None) -> Matter:
    return services_whistle.object_to(
        actor=actor, matter_id=matter_id, reason=inputs.internal, expected_version=version
    ).matter


def _other_lead(step: str) -> Taken:
    def taken(actor: Actor, matter_id: int, inputs: Inputs, version: int | None) -> Matter:
        return services_whistle.rename_lead(
            actor=actor, matter_id=matter_id, lead_id=inputs.unit_id or 0, internal=inputs.internal, step=step,
            expected_version=version,
        ).matter  # fmt: skip

    return taken


def _arrive(actor: Actor, matter_id: int, inputs: Inputs, version: int | None) -> Matter:
    return services_whistle.arrive(
        actor=actor, matter_id=matter_id, note=inputs.note, expected_version=version
    ).matter


def _plan(actor: Actor, matter_id: int, inputs: Inputs, version: int | None) -> Matter:
    return services_whistle.plan(
        actor=actor, matter_id=matter_id, words=inputs.internal, expected_version=version
    ).matter


def _close(actor: Actor, matter_id: int, inputs: Inputs, version: int | None) -> Matter:
    return services_whistle.close(
        actor=actor, matter_id=matter_id, note=inputs.note, expected_version=version
    )


_OF_KIND: dict[str, dict[str, Any]] = {
    "request": {"raise": _raise, "on_the_spot": _on_the_spot, "ask_reopen": _ask_reopening},
    "whistle": {
        "issue": _issue, "accept": _accept, "object": _object, "reassign": _other_lead("reassign"),
        "decide": _other_lead("decide"), "arrive": _arrive, "plan": _plan, "close": _close,
    },
}  # fmt: skip
