"""What people served say of a project: for whom the need was told by their account, anybody else by a slip's code. Once each."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import ANONYMOUS, Actor, system_actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.rules import checked_text
from doorstep.kernel.people.ciphers import blind_index
from doorstep.kernel.people.masking import mask_numbers
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.partnership import rules_lists as rules
from doorstep.modules.partnership.keeping_lists import locked, takes_part
from doorstep.modules.partnership.models_lists import Project, Rating
from doorstep.modules.partnership.numbers_lists import MOST_SLIPS, OPEN_DAYS, list_number
from doorstep.modules.partnership.services_needs import follow

CODE = 10  # of 32 signs each: 50 bits
AT_ONCE = 100  # slips issued in one act


def code_of(project_id: int, slip: int, key: UUID) -> str:
    """What stands on a slip: made from the project, the slip's number and a key, stored nowhere."""
    made = blind_index("project rating slip", f"{project_id}:{slip}:{key}") or b""
    return base64.b32encode(made).decode()[:CODE].lower()


@transaction.atomic
def issue_slips(*, actor: Actor, project_id: int, more: int) -> range:
    """Numbers of further slips to hand out, at most as many as people were served. Raises RuleViolation where there are none
    left to issue, or the project is not confirmed."""
    project: Project = locked(actor, Project, project_id)
    policy_for(Project).require(actor, "manage", project)
    if project.confirmed_on is None:
        raise RuleViolation(_("社区确认以后才能发评价条。"))
    numbers = rules.slip_numbers(
        project.slips, min(max(more, 1), AT_ONCE), project.served or 0, list_number(MOST_SLIPS)
    )
    if not numbers:
        raise RuleViolation(_("评价条已经发到惠及的人数或上限，不能再发。"), field="more")
    before, project.slips = project.slips, numbers[-1]
    project.save(update_fields=["slips"])
    record(
        actor,
        Act(
            "partnership.slips_issued", project.matter, project.place_code, {"slips": [before, project.slips]}
        ),
    )
    return numbers


def project_of_slip(project_id: int, slip: int, code: str) -> Project:
    """The project of a slip. Raises NotVisible for whatever is no slip that was handed out."""
    project = (
        Project.objects.select_related("matter", "need")
        .filter(pk=project_id, confirmed_on__isnull=False)
        .first()
    )
    if project is None or not 1 <= slip <= project.slips:
        raise NotVisible(_("没有这张评价条。"))
    if not hmac.compare_digest(code_of(project.pk, slip, project.matter.key).encode(), code.lower().encode()):
        raise NotVisible(_("没有这张评价条。"))
    return project


@transaction.atomic
def rate_by_slip(*, project_id: int, slip: int, code: str, grade: int, words: str = "") -> Rating:
    """Say how it was, by a slip, without an account; once. Raises NotVisible, RuleViolation, Conflict the second time."""
    project = project_of_slip(project_id, slip, code)
    return _rated(ANONYMOUS, project, grade, words, slip=slip)


@transaction.atomic
def rate(*, actor: Actor, project_id: int, grade: int, words: str = "") -> Rating:
    """Say how it was, as whose need it was or one that was joined with it; once. Raises NotVisible, NotAllowed for others and for
    whoever had a hand in it, RuleViolation, Conflict the second time."""
    project = (
        Project.objects.select_related("matter", "need")
        .filter(pk=project_id, confirmed_on__isnull=False)
        .first()
    )
    if project is None or actor.person_id is None:
        raise NotVisible(_("没有找到这个项目。"))
    if fault := _rating_fault(actor, project):
        raise NotAllowed(fault)
    return _rated(actor, project, grade, words, person_id=actor.person_id)


def may_rate(actor: Actor, project: Project) -> bool:
    """Is it the actor who may say how it was by their account?"""
    return not _rating_fault(actor, project)


def _rating_fault(actor: Actor, project: Project) -> str:
    """Whose need it was says how it was; who typed it in for somebody, who did it or who took a step of the project does not."""
    own = Matter.objects.filter(Q(pk=project.need_id) | Q(main_id=project.need_id))
    if actor.person_id is None or not own.filter(reporter_id=actor.person_id).exists():
        return _("由提出这件需求的人来评价；其他受益的人请用评价条。")
    if takes_part(actor, project) or project.matter.history.filter(person_id=actor.person_id).exists():
        return _("做这个项目、经办这个项目的人不评价自己的项目。")
    return ""


def _rated(
    actor: Actor, project: Project, grade: int, words: str, *, slip: int | None = None, person_id: int | None = None
) -> Rating:  # fmt: skip
    days = list_number(OPEN_DAYS)
    assert project.confirmed_on is not None
    if clock.today() > project.confirmed_on + dt.timedelta(days=days):
        raise RuleViolation(_("评价在社区确认后 %d 天内收，现在已经结束。") % days)
    if type(grade) is not int or not 1 <= grade <= 5:
        raise RuleViolation(_("请选 1 到 5 分。"), field="grade")
    words = checked_text(words, "words", 300)
    if mask_numbers(words) != words:
        raise RuleViolation(_("请不要写电话、身份证号等号码。"), field="words")
    Matter.objects.select_for_update().get(pk=project.need_id)
    own = (
        {"project": project, "slip": slip}
        if person_id is None
        else {"project": project, "person_id": person_id}
    )
    known = Rating.objects.filter(**own).first()
    if known is not None:
        if (known.grade, known.words) == (grade, words):  # the same click twice
            return known
        raise Conflict(_("这张评价条已经用过。") if slip else _("您已经评价过这个项目。"))
    row = Rating.objects.create(
        place_code=project.place_code, grade=grade, words=words, at=clock.now(), **own
    )
    by = actor if person_id is not None else system_actor("partnership.slip")
    record(by, Act("partnership.rated", project.matter, project.place_code, {"grade": [None, grade]}))
    if Matter.objects.filter(pk=project.need_id, state="confirmed").exists():
        follow(project.need_id, "rate", project=str(project.matter.key))
    return row
