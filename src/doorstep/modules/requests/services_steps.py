"""Steps of a request that need more than the table: the desk above, the term for a reopening, another place.

Another item: services_items.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.matters import services as matters
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.services_links import Piece, split
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.modules.requests import selectors
from doorstep.modules.requests.models import Request
from doorstep.modules.requests.places import existing
from doorstep.modules.requests.states import DISPATCH


@transaction.atomic
def settle_on_the_spot(
    *, actor: Actor, matter_id: int, inputs: Inputs, expected_version: int | None = None
) -> Matter:
    """Close a request that was just reported where it was found: self-handled, unverified, open to the sample."""
    matter = matters.apply_transition(
        actor=actor, matter_id=matter_id, name="on_the_spot", inputs=inputs, expected_version=expected_version
    )
    Request.objects.filter(pk=matter_id).update(on_the_spot=True)
    return matter


def raise_up(
    *, actor: Actor, matter_id: int, internal: str, note: str = "", data: Mapping[str, Any] | None = None,
    expected_version: int | None = None,
) -> Matter:  # fmt: skip
    """Pass a request one level up: the desk above the holder is asked; the holder answers until it accepts.

    Raises RuleViolation where there is no desk above, else as `apply_transition`.
    """
    matter = visible_matter(actor, matter_id)
    above = selectors.desk_above(matter.holder_id, matter.place_code) if matter.holder_id else None
    if above is None:
        raise RuleViolation(_("上面没有可以上报的单位，请由派办人安排。"), field="unit_id")
    return matters.apply_transition(
        actor=actor, matter_id=matter_id, name="raise", expected_version=expected_version,
        inputs=Inputs(unit_id=above.unit_id, internal=internal, note=note, data=data or {}),
    )  # fmt: skip


def ask_reopening(*, actor: Actor, matter_id: int, note: str, expected_version: int | None = None) -> Matter:
    """The reporter (or who called back) asks that a closed request be taken up again; somebody must answer.

    Raises RuleViolation after the term since closing.
    """
    matter = visible_matter(actor, matter_id)
    if not selectors.can_be_reopened(matter):
        raise RuleViolation(
            _("结案已超过 {days} 天，不能再要求重办；请重新上报，办理人能看到原来这一件。").format(
                days=selectors.rule_values()["reopen.days"]
            )
        )
    return matters.apply_transition(
        actor=actor, matter_id=matter_id, name="ask_reopen", inputs=Inputs(note=note), expected_version=expected_version
    )  # fmt: skip


@transaction.atomic
def move_place(
    *,
    actor: Actor,
    matter_id: int,
    place_code: str,
    internal: str,
    note: str = "",
    expected_version: int | None = None,
) -> Matter:
    """Say of an open request that it lies elsewhere. Where another desk receives there, that desk is asked to take it over.

    Both places are the actor's to dispatch in; further off, the desk above has to. Raises RuleViolation naming the field.
    """
    visible_matter(actor, matter_id)
    matter = Matter.objects.select_for_update().get(pk=matter_id)
    code = existing(place_code)
    if code == matter.place_code:
        raise RuleViolation(_("这件事登记的就是这个地方。"), field="place_code")
    if not actor.holds(DISPATCH, code):
        raise RuleViolation(_("那里不在您派办的范围内。请先上报上一级，由上一级更正。"), field="place_code")
    item = Request.objects.select_related("item").get(pk=matter_id).item
    first = selectors.route_for(code, item, matter.urgency).first
    if first is None:
        raise RuleViolation(_("那里没有在册的受理单位，请选别的地方。"), field="place_code")
    stays = first.unit_id == matter.holder_id
    inputs = Inputs(
        place_code=code, internal=internal, note=note, unit_id=None if stays else first.unit_id,
        data={"places": [matter.place_code, code]},
    )  # fmt: skip
    return matters.apply_transition(
        actor=actor, matter_id=matter_id, name="correct_place" if stays else "relocate", inputs=inputs,
        expected_version=expected_version,
    )  # fmt: skip


def visible_matter(actor: Actor, matter_id: int, kind: str = "request") -> Matter:
    """The matter, if it is of that kind and exists for the actor. Raises NotVisible."""
    found: Matter | None = policy_for(Matter).visible_to(actor).filter(pk=matter_id, kind=kind).first()
    if found is None:
        raise NotVisible(_("没有找到这件事。"))
    return found


@transaction.atomic
def split_request(
    *, actor: Actor, matter_id: int, pieces: Sequence[Piece], expected_version: int | None = None
) -> list[Request]:
    """Give parts of one request to several units, each a request of its own with the item of the whole.

    Rules and refusals are those of the kernel's `split`.
    """
    visible_matter(actor, matter_id)
    parts = split(actor=actor, matter_id=matter_id, pieces=pieces, expected_version=expected_version)
    whole = Request.objects.select_related("matter").get(pk=matter_id)
    return [
        Request.objects.create(
            matter=part, item=whole.item, item_from=whole.item_from,             routed_to_id=piece.unit_id,
            routing=_("由 {number} 拆分而来").format(number=whole.matter.number),
        )
        for piece, part in zip(pieces, parts, strict=True)
    ]  # fmt: skip
