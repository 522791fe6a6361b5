"""Taking reports in, from every source, in one transaction; and what is settled on the spot.

Steps with effects of the module: services_steps. What reporters say of the outcome: services_feedback. Lists and
routes: services_lists. Whistles: services_whistle.
"""

from __future__ import annotations

import uuid
from contextlib import nullcontext
from dataclasses import dataclass, field, replace

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import ANONYMOUS, Actor, system_actor
from doorstep.kernel.matters import services as matters
from doorstep.kernel.matters.models import URGENCIES, Deadline, Matter
from doorstep.kernel.matters.rules import checked_text
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.people.selectors import persons_for
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.kernel.shared.kept import steady
from doorstep.modules.requests import rules, selectors
from doorstep.modules.requests.models import REQUEST_SOURCES, EventItem, Request, RoutingFault
from doorstep.modules.requests.places import Where, where_is
from doorstep.modules.requests.states import OPEN, VIEW
from doorstep.modules.requests.texts import short_text

ANONYMOUS_COSTS = gettext_lazy(
    "匿名上报：谁报的不留记录。相应地，我们不能主动告诉您进展，也不能回访；您不能评价、补充或要求重办；说得不清楚时可能无法办理。"
)
ROUTING = "requests.routing"
HOTLINE_KEYS = uuid.UUID(
    "6f6a3c1e-3f0c-5a55-9d0e-12345a12345a"
)  # a hotline number is always the same opening
LONGEST_TEXT = 5000


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is given when something is reported. `key`: the sender's own; sending it again is the same report.

    place: one of building, place code, position (WGS-84), or an address that names one building. reporter_id: whom a
    member of staff reports for (registered); for_whom: whose matter it is, where that person is not registered.
    not_the_same: numbers of nearby requests the reporter was shown and said are something else.
    """

    source: str
    text: str
    title: str = ""
    item_code: str = ""
    urgency: str = ""
    place_code: str = ""
    building_id: int | None = None
    longitude: float | None = None
    latitude: float | None = None
    address: str = ""
    reporter_id: int | None = None
    for_whom: str = ""
    anonymous: bool = False
    hotline_number: str = ""
    not_the_same: tuple[int, ...] = ()
    key: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True)
class Reported:
    """The request, whether this call took it in or found it taken in already, and what to tell the reporter.

    promised: what runs, where taking it in was all that was done.
    """

    request: Request
    is_new: bool
    warnings: tuple[str, ...] = ()
    promised: tuple[Deadline, ...] = ()

    @property
    def matter(self) -> Matter:
        return self.request.matter


@steady()
def report(*, actor: Actor, new: Report) -> Reported:
    """Take in one report, exactly once for its key (or hotline number): place, item, route, promises, all or nothing.
    It is written by one statement; a transaction goes around it where more follows.

    Raises RuleViolation naming the field, NotAllowed, or NotVisible for a reporter outside the actor's places.
    """
    return _report(actor, new, passing_on=True)


@transaction.atomic
@steady()
def on_the_spot(*, actor: Actor, new: Report, note: str) -> Reported:
    """Record what was settled where it was found: one step, closed, "self-handled, unverified", open to the sample.

    `note`: what was done, as the reporter may read it. Sent twice it is recorded once.
    """
    taken = _report(actor, new, passing_on=False)
    if not taken.is_new:
        return taken
    matter = matters.apply_transition(
        actor=actor, matter_id=taken.matter.pk, name="on_the_spot", inputs=Inputs(note=note)
    )
    request = taken.request
    request.matter, request.on_the_spot = matter, True
    request.save(update_fields=["on_the_spot"])
    return Reported(request, is_new=True, warnings=taken.warnings)


def _report(actor: Actor, new: Report, *, passing_on: bool) -> Reported:
    new = _normal(new)
    number = matters.number_for(new.key)
    known = _taken_before(new) if number is None or new.hotline_number else None
    if known is not None:
        return _same(actor, known, new)
    where = where_is(
        place_code=new.place_code, building_id=new.building_id, longitude=new.longitude, latitude=new.latitude,
        address=new.address,
    )  # fmt: skip
    opener, reporter_id, teller_id = _who(actor, new, where.code)
    named = _named(new, where.code)
    item = named.item
    urgency = _urgency(actor, new, item, where.code)
    route = selectors.route_for(where.code, item, urgency)
    request = Request(
        item=item, item_from=named.origin, anonymous=new.anonymous or opener.is_anonymous, for_whom=new.for_whom,
        hotline_number=new.hotline_number or None, rule=route.rule,
        routed_to_id=route.target.unit_id if route.target else None, routing=route.words[:300],
        not_the_same=list(new.not_the_same),
    )  # fmt: skip
    passed_on = passing_on and route.is_passed_on and not route.fault
    with transaction.atomic() if route.fault or passed_on else nullcontext():
        opened = matters.open_matter(
            actor=opener, new=_matter(new, where, named, urgency, route, reporter_id, teller_id), number=number,
            beside=[request],
        )  # fmt: skip
        if not opened.is_new:  # the same report came twice at the same moment
            return _same(actor, Request.objects.select_related("matter").get(matter=opened.matter), new)
        if route.fault:
            _note_fault(request, route, urgency, item)
        if passed_on:
            request.matter = _pass_on(route, opened.matter)
    warnings = (*where.warnings, *named.warnings)
    return Reported(request, is_new=True, warnings=warnings, promised=() if passed_on else opened.promised)


def _normal(new: Report) -> Report:
    number = short_text(new.hotline_number, "hotline_number")
    if number:
        new = replace(new, key=uuid.uuid5(HOTLINE_KEYS, number))
    text = checked_text(new.text, "text", LONGEST_TEXT, required=not new.title.strip())
    return replace(
        new, text=text, hotline_number=number, for_whom=short_text(new.for_whom, "for_whom"),
        title=new.title.strip() or rules.title_of(text, "") or str(_("未写情况")), item_code=new.item_code.strip(),
    )  # fmt: skip


def _taken_before(new: Report) -> Request | None:
    same = Q(matter__key=new.key)
    if new.hotline_number:
        same |= Q(hotline_number=new.hotline_number)
    return Request.objects.select_related("matter").filter(same).first()


def _same(actor: Actor, known: Request, new: Report) -> Reported:
    """Known already: told so only to whoever sent it, or may see it. A key guessed by another shows nothing."""
    matter = known.matter
    own = actor.person_id is not None and actor.person_id in (matter.reporter_id, matter.teller_id)
    unnamed = new.anonymous or actor.is_anonymous
    nobody = known.anonymous and matter.reporter_id is None and matter.teller_id is None and unnamed
    if not (own or nobody or actor.holds(VIEW, matter.place_code)):
        raise RuleViolation(_("这份上报的编号已被使用。请重新填写后提交。"), field="key")
    return Reported(known, is_new=False)


def _who(actor: Actor, new: Report, place_code: str) -> tuple[Actor, int | None, int | None]:
    """Who opens it, who is told of it, who told it for somebody.

    An anonymous report leaves no trace of who sent it: a resident's is opened by nobody, an officer who takes one by
    telephone stands as the teller.
    """
    if new.source not in dict(REQUEST_SOURCES):
        raise RuleViolation(_("来源不对。"), field="source")
    if actor.holds(OPEN, place_code):
        reporter = None if new.anonymous else new.reporter_id
        if reporter is not None and reporter != actor.person_id and not actor.is_system:
            _require_visible(actor, reporter)
        return actor, reporter, None if reporter == actor.person_id else actor.person_id
    if new.reporter_id is not None and new.reporter_id != actor.person_id:
        raise RuleViolation(_("只能为自己上报，或者写明代谁上报。"), field="reporter_id")
    if actor.is_anonymous:  # nobody, or a partner's program: the audit then names its key
        return actor, None, None
    if new.anonymous:
        return ANONYMOUS, None, None
    return actor, actor.person_id, None


def _require_visible(actor: Actor, person_id: int) -> None:
    if not persons_for(actor).filter(pk=person_id).exists():
        raise NotVisible(_("没有找到这个人。"), field="reporter_id")


@dataclass(frozen=True)
class Named:
    """What a report is about, and who may read it for that. `origin`: as in Request.item_from."""

    item: EventItem | None
    origin: str
    confidentiality: str
    warnings: tuple[str, ...] = ()


def _named(new: Report, place_code: str) -> Named:
    """The item: as chosen, else as the words say it surely enough, else none. What is not taken here is sent on.

    Left undecided, a report that most likely is of a sealed item is sealed until somebody has named it.
    """
    if new.item_code:
        item = selectors.item_named(place_code, new.item_code)
        if item.elsewhere:
            raise RuleViolation(
                _("“{item}”不在这里受理：{elsewhere}。").format(item=item.name, elsewhere=item.elsewhere),
                field="item", clause=item.clause,
            )  # fmt: skip
        return Named(item, Request.CHOSEN, item.confidentiality)
    said = new.text if new.text.startswith(new.title) else f"{new.title} {new.text}"
    found = selectors.suggest_items(said, place_code, most=3)
    warnings = tuple(
        _("如果是“{item}”：{elsewhere}。").format(item=item.name, elsewhere=item.elsewhere)
        for item, judged in found[:1]
        if item.elsewhere
    )
    taken = [(item, judged) for item, judged in found if not item.elsewhere]
    if taken and taken[0][1].share >= selectors.rule_values()["suggestion.least"]:
        return Named(taken[0][0], Request.SUGGESTED, taken[0][0].confidentiality, warnings)
    likely_sealed = bool(found) and found[0][0].confidentiality == Matter.SEALED
    return Named(None, Request.UNKNOWN, Matter.SEALED if likely_sealed else Matter.INTERNAL, warnings)


def _urgency(actor: Actor, new: Report, item: EventItem | None, place_code: str) -> str:
    """The item's own; staff may set another. What residents set is not taken: everybody's own is urgent."""
    usual = item.urgency if item else "normal"
    if not new.urgency:
        return usual
    if new.urgency not in dict(URGENCIES):
        raise RuleViolation(_("紧急程度不对。"), field="urgency")
    return new.urgency if actor.holds(OPEN, place_code) else usual


def _matter(
    new: Report, where: Where, named: Named, urgency: str, route: selectors.Route,
    reporter_id: int | None, teller_id: int | None,
) -> matters.NewMatter:  # fmt: skip
    item = named.item
    return matters.NewMatter(
        kind="request", place_code=where.code, title=new.title, source=new.source, text=new.text,
        item=item.code if item else "", category=item.event_class if item else selectors.OTHER, urgency=urgency,
        confidentiality=named.confidentiality, reporter_id=reporter_id,
        teller_id=teller_id, address=where.address, longitude=where.longitude, latitude=where.latitude,
        holder_id=route.first.unit_id if route.first else None, key=new.key,
    )  # fmt: skip


def _note_fault(request: Request, route: selectors.Route, urgency: str, item: EventItem | None) -> None:
    RoutingFault.objects.create(
        at=clock.now(), place_code=request.matter.place_code, kind=route.fault,
        event_class=item.event_class if item else selectors.OTHER, item=item.code if item else "", urgency=urgency,
        rule=route.rule, matter=request.matter,
    )  # fmt: skip


def _pass_on(route: selectors.Route, matter: Matter) -> Matter:
    """Ask the unit of the rule to take it over; the first desk answers until it does."""
    assert route.target is not None
    inputs = Inputs(unit_id=route.target.unit_id, internal=route.words)
    return matters.apply_transition(
        actor=system_actor(ROUTING), matter_id=matter.pk, name="dispatch", inputs=inputs
    )


__all__ = ["ANONYMOUS_COSTS", "Report", "Reported", "on_the_spot", "report"]
