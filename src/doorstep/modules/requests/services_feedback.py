"""What is said of an outcome: call-backs by the platform, ratings by reporters themselves; the monthly sample, and the look
at what nobody told."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.audit.services import Act, record, record_many
from doorstep.kernel.matters import services as matters
from doorstep.kernel.matters.models import History, Matter
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation
from doorstep.kernel.shared.place_codes import LENGTHS, within
from doorstep.modules.requests import rules, selectors
from doorstep.modules.requests.models import GRADES, CallBack, Rating, Request, Sample, SpotCheck
from doorstep.modules.requests.policies import SAMPLE
from doorstep.modules.requests.services_steps import visible_matter
from doorstep.modules.requests.states import CALL_BACK, SPOT_CHECK
from doorstep.modules.requests.texts import short_text

CLOSING = ("verify", "on_the_spot")
HANDLING = ("accept", "handle", "on_the_spot")
DISSATISFIED = 2  # this grade and below


@transaction.atomic
def call_back(
    *, actor: Actor, matter_id: int, valid: bool, invalid_reason: str = "", contacted: bool | None = None,
    solved: bool | None = None, satisfaction: int | None = None, words: str = "",
) -> CallBack:  # fmt: skip
    """Record a call-back of a closed request. Who handled it never calls back; a valid one is recorded once.

    Unsolved or dissatisfied becomes "reopening asked" at once. Raises NotAllowed, or RuleViolation naming the field.
    """
    visible_matter(actor, matter_id)
    matter = Matter.objects.select_for_update().get(pk=matter_id)
    if not actor.holds(CALL_BACK, matter.place_code):
        raise NotAllowed(_("您的岗位不能回访这件事。"))
    closing = _closing(matter)
    if _has_handled(actor, matter):
        raise NotAllowed(_("您办过这件事，回访须由他人来做。"))
    words = short_text(words, "words")
    _check_call_back(valid, invalid_reason, contacted, solved, satisfaction)
    earlier = CallBack.objects.filter(request_id=matter_id, closing=closing, valid=True)
    if earlier.exists():
        raise RuleViolation(_("这次办理结果已经回访过。"))
    row = CallBack.objects.create(
        request_id=matter_id, closing=closing, place_code=matter.place_code, at=clock.now(), person_id=actor.person_id,
        account_id=actor.account_id, valid=valid, invalid_reason="" if valid else invalid_reason,
        contacted=contacted if valid else None, solved=solved if valid else None,
        satisfaction=satisfaction if valid else None, words=words,
    )  # fmt: skip
    changes = {"valid": valid, "invalid_reason": row.invalid_reason, "solved": row.solved, "closing": closing}
    record(actor, Act("requests.call_back", matter, matter.place_code, changes))
    if valid:
        Sample.objects.filter(request_id=matter_id, done_at=None).update(done_at=row.at)
        if row.solved is False or (satisfaction or 0) <= DISSATISFIED:
            _ask_again(actor, matter_id, words or _("回访时报告人表示没有解决或不满意。"))
    return row


def _check_call_back(
    valid: bool, invalid_reason: str, contacted: bool | None, solved: bool | None, satisfaction: int | None
) -> None:
    if not valid:
        if invalid_reason not in dict(CallBack.INVALID):
            raise RuleViolation(_("无效回访请选明原因。"), field="invalid_reason")
        return
    if contacted is None or solved is None:
        raise RuleViolation(_("请记下承办人是否联系过、问题是否解决。"), field="solved")
    _check_grade(satisfaction)


def _check_grade(satisfaction: int | None) -> None:
    if satisfaction not in dict(GRADES):
        raise RuleViolation(_("请选满意程度。"), field="satisfaction")


@transaction.atomic
def rate(*, actor: Actor, matter_id: int, solved: bool, satisfaction: int, words: str = "") -> Rating:
    """The reporter judges the outcome, once. Unsolved or dissatisfied becomes "reopening asked"."""
    visible_matter(actor, matter_id)
    matter = Matter.objects.select_for_update().get(pk=matter_id)
    if actor.person_id is None or matter.reporter_id != actor.person_id:
        raise NotAllowed(_("只有报告人可以评价。"))
    closing = _closing(matter)
    _check_grade(satisfaction)
    words = short_text(words, "words")
    if Rating.objects.filter(request_id=matter_id, closing=closing).exists():
        raise RuleViolation(_("您已经评价过这次办理结果。"))
    row = Rating.objects.create(
        request_id=matter_id,
        closing=closing,
        at=clock.now(),
        solved=solved,
        satisfaction=satisfaction,
        words=words,
    )
    changes = {"solved": solved, "satisfaction": satisfaction, "closing": closing}
    record(actor, Act("requests.rate", matter, matter.place_code, changes))
    if not solved or satisfaction <= DISSATISFIED:
        _ask_again(actor, matter_id, words or _("报告人评价为没有解决或不满意。"))
    return row


@transaction.atomic
def spot_check(
    *, actor: Actor, matter_id: int, valid: bool, invalid_reason: str = "", words: str = ""
) -> SpotCheck:
    """Record a look at a sampled request that nobody told. Who recorded it never looks; it is looked at once.

    Found undone it becomes "reopening asked" at once. Raises NotAllowed, or RuleViolation naming the field.
    """
    visible_matter(actor, matter_id)
    matter = Matter.objects.select_for_update().get(pk=matter_id)
    if not actor.holds(SPOT_CHECK, matter.place_code):
        raise NotAllowed(_("您的岗位不能抽查这件事。"))
    if _has_handled(actor, matter):
        raise NotAllowed(_("这是您当场办结的，须由他人去看。"))
    words = short_text(words, "words")
    _check_look(matter, valid, invalid_reason, words)
    row = SpotCheck.objects.create(
        request_id=matter_id, place_code=matter.place_code, at=clock.now(), person_id=actor.person_id,
        account_id=actor.account_id, valid=valid, invalid_reason="" if valid else invalid_reason, words=words,
    )  # fmt: skip
    Sample.objects.filter(request_id=matter_id).update(done_at=row.at)
    changes = {"valid": valid, "invalid_reason": row.invalid_reason}
    record(actor, Act("requests.spot_check", matter, matter.place_code, changes))
    if row.invalid_reason == SpotCheck.NOT_DONE:
        matters.apply_transition(
            actor=actor, matter_id=matter_id, name="find_undone",
            inputs=Inputs(internal=words, data={"spot_check": row.pk}),
        )  # fmt: skip
    return row


def _check_look(matter: Matter, valid: bool, invalid_reason: str, words: str) -> None:
    sample = Sample.objects.filter(request_id=matter.pk).first()
    if sample is None or matter.reporter_id is not None:
        raise RuleViolation(_("这件没有抽到现场抽查。"))
    if sample.done_at is not None:
        raise RuleViolation(_("这件已经抽查过。"))
    if matter.state != "closed":
        raise RuleViolation(_("这件事现在是“{state}”，结案后才能抽查。").format(state=matter.state_name))
    if valid:
        return
    if invalid_reason not in dict(SpotCheck.INVALID):
        raise RuleViolation(_("不属实的请选明原因。"), field="invalid_reason")
    if not words:
        raise RuleViolation(_("请写一句看到的情况。"), field="words")


def _closing(matter: Matter) -> int:
    """Number of the step that closed it last. Raises RuleViolation while it is not closed."""
    if matter.state != "closed":
        raise RuleViolation(
            _("这件事现在是“{state}”，结案后才能回访和评价。").format(state=matter.state_name)
        )
    rows = History.objects.filter(matter=matter, name__in=CLOSING)
    closing: int = rows.aggregate(last=Max("number"))["last"]
    return closing


def _has_handled(actor: Actor, matter: Matter) -> bool:
    if actor.person_id is None:
        return False
    return (
        actor.person_id == matter.handler_id
        or History.objects.filter(matter=matter, name__in=HANDLING, person_id=actor.person_id).exists()
    )


def _ask_again(actor: Actor, matter_id: int, note: str) -> None:
    """Ask that it be taken up again, while that can be asked; afterwards the words stand and nothing moves."""
    if selectors.can_be_reopened(Matter.objects.get(pk=matter_id)):
        matters.apply_transition(
            actor=actor, matter_id=matter_id, name="ask_reopen", inputs=Inputs(note=note)
        )


@transaction.atomic
def draw_sample(*, actor: Actor, place_code: str, month: dt.date) -> list[Sample]:
    """Draw the month's sample of self-handled, unverified requests in each community, by lots anybody can repeat: one of
    those whose reporter can be called back, one of those nobody told, for a look at the place.

    Drawing again adds nothing. Raises RuleViolation for a month that is not over.
    """
    require_place(actor, SAMPLE, place_code)
    first = month.replace(day=1)
    after = (first + dt.timedelta(days=32)).replace(day=1)
    if after > clock.today():
        raise RuleViolation(_("这个月还没有过完，月底以后再抽。"), field="month")
    begin, end = (dt.datetime.combine(day, dt.time(), clock.DISTRICT_ZONE) for day in (first, after))
    closed = Request.objects.filter(within("matter__place_code", [place_code]), on_the_spot=True).filter(
        matter__history__name="on_the_spot", matter__history__at__gte=begin, matter__history__at__lt=end
    )
    values = selectors.rule_values(first)
    untold = Q(matter__reporter=None) | Q(anonymous=True)
    places = _drawn(closed.exclude(untold), values, "sample", f"{first:%Y-%m}")
    places |= _drawn(closed.filter(untold), values, "spot_check", f"{first:%Y-%m}:spot_check")
    known = set(Sample.objects.filter(request__in=places).values_list("request_id", flat=True))
    at = clock.now()
    rows = [
        Sample(request_id=number, month=first, place_code=places[number], drawn_at=at)
        for number in sorted(places.keys() - known)
    ]
    Sample.objects.bulk_create(rows)
    record_many(
        actor,
        [Act("requests.sample", row, row.place_code, {"month": first.isoformat()}) for row in rows],
    )
    return rows


def _drawn(rows: QuerySet[Request], values: dict[str, Any], rule: str, seed: str) -> dict[int, str]:
    """A lot in each community, of the share and the least of the rule: by number, its place."""
    places = dict(rows.values_list("pk", "matter__place_code"))
    communities: dict[str, list[int]] = defaultdict(list)
    for number, code in places.items():
        communities[code[: LENGTHS["community"]]].append(number)
    return {
        number: places[number]
        for code, numbers in communities.items()
        for number in rules.drawn(
            numbers, seed=f"{seed}:{code}", share=values[f"{rule}.share"], least=values[f"{rule}.least"]
        )
    }


def draw_last_month() -> None:
    """Draw the sample of the month that is over, for the home district; a second time adds nothing."""
    last = clock.today().replace(day=1) - dt.timedelta(days=1)
    draw_sample(actor=system_actor("requests.draw_sample"), place_code=settings.HOME_PLACE, month=last)
