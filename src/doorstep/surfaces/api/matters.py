"""Matters for programs: lists, one whole, a report, the next steps and taking one, by the services of the pages."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Header, Query, Router
from pydantic import StringConstraints

from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.requests.services import Report, report
from doorstep.modules.requests.services_taking import take
from doorstep.surfaces.api import schemas, schemas_matters, selectors_matters
from doorstep.surfaces.api.access import actor_of, count_report, reading, writing
from doorstep.surfaces.api.scopes import ACT, MATTERS, REPORT

router = Router(tags=["matters"])
REFUSED = {codes: schemas.Refusal for codes in (400, 401, 403, 404, 422, 429)}
REPORTS = uuid.UUID(
    "0b6d1c52-7f5e-5c0b-9a54-6f1f3a7f0c11"
)  # a sender's key under it is always the same report
_LIMIT, _SENDER_KEY = Query(50, ge=1, le=100), Header("", alias="Idempotency-Key")
SenderKey = Annotated[str, StringConstraints(pattern=r"^[!-~]{0,200}$")]


@router.get("", response={200: schemas_matters.MattersOut, **REFUSED}, auth=reading(MATTERS))
def matters(
    request: HttpRequest, box: schemas_matters.Box = "all", place: schemas_matters.PlaceCode = "", q: str = "",
    after: str = "", limit: int = _LIMIT,
) -> Any:  # fmt: skip
    """Matters one may see. `all`: over one's places, the latest first, open or not; `mine`, `unit`, `asked`, `place`,
    `overdue`: open ones that wait, the nearest deadline first; `told`: what one reported."""
    return selectors_matters.page(actor_of(request), box, place, q, after, limit)


@router.post(
    "",
    response={200: schemas_matters.ReportedOut, 201: schemas_matters.ReportedOut, **REFUSED},
    auth=writing(REPORT),
)
def send_report(request: HttpRequest, new: schemas_matters.ReportIn, key: SenderKey = _SENDER_KEY) -> Any:
    """Report something. With `Idempotency-Key`, your own name for this report, sending it again is the same report."""
    count_report(request)
    actor = actor_of(request)
    told = new.dict()
    item, for_whom = told.pop("item"), told["for_whom"].strip()
    taken = report(
        actor=actor,
        new=Report(
            source="api", item_code=item, key=uuid.uuid5(REPORTS, f"{actor.account_id}:{key}") if key else uuid.uuid4(),
            reporter_id=None if new.anonymous or for_whom else actor.person_id, **told,
        ),
    )  # fmt: skip
    answer = {
        "number": taken.matter.number, "new": taken.is_new, "warnings": [str(words) for words in taken.warnings],
        "matter": selectors_matters.line(taken.matter),
    }  # fmt: skip
    return (201 if taken.is_new else 200), answer


@router.get("/{number}", response={200: schemas_matters.MatterOut, **REFUSED}, auth=reading(MATTERS))
def matter(request: HttpRequest, number: schemas_matters.Number) -> Any:
    """One matter with its promises and all that happened."""
    return selectors_matters.whole(actor_of(request), number)


@router.get("/{number}/steps", response={200: schemas_matters.StepsOut, **REFUSED}, auth=reading(MATTERS))
def steps(request: HttpRequest, number: schemas_matters.Number) -> Any:
    """What one may do to it now, and what each step asks for."""
    return selectors_matters.offered(actor_of(request), number)


@router.post(
    "/{number}/steps/{name}",
    response={200: schemas_matters.MatterLine, 409: schemas.Refusal, **REFUSED},
    auth=writing(ACT),
)
def step(
    request: HttpRequest, number: schemas_matters.Number, name: str, given: schemas_matters.StepIn
) -> Any:
    """Take one step. 403: not yours; 409: somebody was there first; 422: wrong state, or an input is missing."""
    actor = actor_of(request)
    found, form = selectors_matters.form_of(actor, number, name, given.dict(exclude_none=True))
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        raise RuleViolation(str(errors[0]), field=field)
    done = take(
        actor=actor,
        matter_id=found.pk,
        name=name,
        inputs=form.inputs(),
        expected_version=form.cleaned_data["version"],
    )
    return selectors_matters.line(done)
