"""What legal professionals did and what they answered: noted by the community, one or hundreds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record, record_many
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.modules.grids import rules
from doorstep.modules.grids.keeping import BATCH, Kept, check_words
from doorstep.modules.grids.models_roster import LegalVisit, Professional, Question
from doorstep.modules.grids.policies import KEEP


@dataclass(frozen=True, kw_only=True)
class NewLegalVisit:
    """A professional came on a day; `people`: how many were reached."""

    professional_id: int
    visited_on: dt.date
    topic: str
    people: int


@dataclass(frozen=True, kw_only=True)
class NewQuestion:
    """A question answered. Neither text says who asked."""

    professional_id: int
    answered_on: dt.date
    question: str
    answer: str
    is_public: bool = False


@transaction.atomic
def record_legal_visits(*, actor: Actor, visits: Sequence[NewLegalVisit]) -> list[tuple[LegalVisit, Kept]]:
    """Note legal visits, all or none. The same again changes nothing; another count corrects it."""
    people = _professionals(actor, visits)
    known = {
        (row.professional_id, row.visited_on, row.topic): row
        for row in LegalVisit.objects.select_for_update().filter(professional__in=people)
    }
    found: list[tuple[LegalVisit, Kept]] = []
    new: list[LegalVisit] = []
    acts: list[Act] = []
    for each in visits:
        topic = _anonymous(check_words(each.topic, "topic", _("请填写主题。"), 120), "topic")
        if not 0 <= each.people <= 5000:
            raise RuleViolation(_("服务人数应在 0 到 5000 之间。"), field="people")
        person = _serving(people, each.professional_id, each.visited_on, "visited_on")
        standing = known.get((person.pk, each.visited_on, topic))
        if standing is not None:
            before, standing.people = standing.people, each.people
            found.append((standing, "unchanged" if before == each.people else "changed"))
            if before != each.people and standing.pk is not None:
                standing.save(update_fields=["people"])
                acts.append(_act("grids.legal_visit_corrected", standing, {"people": [before, each.people]}))
            continue
        row = LegalVisit(
            place_code=person.place_code, professional=person, visited_on=each.visited_on, topic=topic,
            people=each.people, written_by_id=actor.person_id, written_at=clock.now(),
        )  # fmt: skip
        known[person.pk, each.visited_on, topic] = row
        new.append(row)
        found.append((row, "added"))
    LegalVisit.objects.bulk_create(new, batch_size=BATCH)
    acts += [
        _act(
            "grids.legal_visit_noted", row,
            {"visited_on": [None, row.visited_on.isoformat()], "people": [None, row.people]},
        )
        for row in new
    ]  # fmt: skip
    record_many(actor, acts)
    return found


@transaction.atomic
def record_questions(*, actor: Actor, questions: Sequence[NewQuestion]) -> list[tuple[Question, Kept]]:
    """Note questions answered, all or none. The same question on the same day again is a correction of its answer."""
    people = _professionals(actor, questions)
    known = {
        (row.professional_id, row.answered_on, row.question): row
        for row in Question.objects.select_for_update().filter(professional__in=people)
    }
    found: list[tuple[Question, Kept]] = []
    new: list[Question] = []
    acts: list[Act] = []
    for each in questions:
        text = _anonymous(check_words(each.question, "question", _("请填写问题。"), 300), "question")
        answer = _anonymous(check_words(each.answer, "answer", _("请填写答复。"), 1000), "answer")
        person = _serving(people, each.professional_id, each.answered_on, "answered_on")
        standing = known.get((person.pk, each.answered_on, text))
        if standing is not None:
            same = (standing.answer, standing.is_public) == (answer, each.is_public)
            found.append((standing, "unchanged" if same else "changed"))
            if not same:
                changes = {"is_public": [standing.is_public, each.is_public]}
                standing.answer, standing.is_public = answer, each.is_public
                if standing.pk is not None:
                    standing.save(update_fields=["answer", "is_public"])
                    acts.append(_act("grids.question_corrected", standing, changes))
            continue
        row = Question(
            place_code=person.place_code, professional=person, answered_on=each.answered_on, question=text,
            answer=answer, is_public=each.is_public, written_by_id=actor.person_id, written_at=clock.now(),
        )  # fmt: skip
        known[person.pk, each.answered_on, text] = row
        new.append(row)
        found.append((row, "added"))
    Question.objects.bulk_create(new, batch_size=BATCH)
    acts += [_act("grids.question_answered", row, {"is_public": [None, row.is_public]}) for row in new]
    record_many(actor, acts)
    return found


@transaction.atomic
def publish_question(*, actor: Actor, question_id: int, is_public: bool) -> Question:
    """Show a question with its answer to everybody, or no longer."""
    row: Question | None = (
        policy_for(Question).visible_to(actor).select_for_update(of=("self",)).filter(pk=question_id).first()
    )
    if row is None:
        raise NotVisible(_("没有找到这条记录。"))
    policy_for(Question).require(actor, "keep", row)
    if row.is_public != is_public:
        row.is_public = is_public
        row.save(update_fields=["is_public"])
        record(actor, _act("grids.question_published", row, {"is_public": [not is_public, is_public]}))
    return row


def _act(action: str, row: Any, changes: dict[str, Any]) -> Act:
    return Act(action, row, row.place_code, changes)


def _professionals(actor: Actor, rows: Iterable[Any]) -> dict[int, Professional]:
    """By id; each where the actor keeps the list."""
    ids = {row.professional_id for row in rows}
    # One after another for the same professional: the second sees what the first noted.
    seen = policy_for(Professional).visible_to(actor).select_for_update(of=("self",)).filter(pk__in=ids)
    found = {row.pk: row for row in seen.order_by("pk")}
    if ids - set(found):
        raise NotVisible(_("没有找到这位专业人员。"), field="professional")
    for place in {row.place_code for row in found.values()}:
        require_place(actor, KEEP, place)
    return found


def _serving(people: dict[int, Professional], pk: int, day: dt.date, field: str) -> Professional:
    if day > clock.today():
        raise RuleViolation(_("日期不能晚于今天。"), field=field)
    if not people[pk].holds_on(day):
        raise RuleViolation(_("这位专业人员当天不在册。"), field=field)
    return people[pk]


def _anonymous(text: str, field: str) -> str:
    if rules.tells_who(text):
        raise RuleViolation(_("请不要写手机号和身份证号，也不写当事人姓名。"), field=field)
    return text
