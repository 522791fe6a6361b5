"""Rows of plans for whoever writes them: locked, fresh, versions numbered and bounded."""

from __future__ import annotations

from copy import copy
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.staleness import refuse_stale_plan
from doorstep.kernel.proposals.models import OPEN, Proposal
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation

P = TypeVar("P", bound=Proposal)
MOST_TITLE = 80
MOST_PINS = 200
MOST_WORDS = 200
VERSIONS_KEPT = 60  # where no number is in force


def clean_title(text: str) -> str:
    title = " ".join(text.split())
    if not 0 < len(title) <= MOST_TITLE:
        raise RuleViolation(_("请给方案起个名称，不超过80个字。"), field="title")
    return title


def locked(model: type[P], actor: Actor, plan_id: int, action: str, lock_version: int | None = None) -> P:
    """The plan, authorised and locked. Raises NotVisible or NotAllowed, and Conflict where it is no longer the one looked at."""
    seen = model._default_manager.filter(pk=plan_id).first()
    if seen is None:
        raise NotVisible(_("没有找到这个方案。"))
    policy_for(model).require(actor, action, seen)
    rows = model._default_manager.select_for_update(no_key=True, of=("self",))
    plan = rows.select_related("current").get(pk=plan_id)
    refuse_stale_plan(plan, lock_version)
    return plan


def opened(model: type[P], actor: Actor, plan_id: int, lock_version: int | None) -> P:
    """The plan, locked, while it may be changed by hand."""
    plan = locked(model, actor, plan_id, "make", lock_version)
    if plan.state in ("waiting", "running"):
        raise Conflict(_("这个方案正在计算，请等它算完，或先停下。"))
    if plan.state not in OPEN:
        raise Conflict(_("方案已送审，收回以后才能再改。"))
    return plan


def as_tried(plan: P) -> P:
    """The plan as its act can be tried now: one that was not sent is tried for today, without a document."""
    tried = copy(plan)
    tried.effective_on = max(plan.effective_on or clock.today(), clock.today())
    tried.document = plan.document or _("待定")
    return tried


def touched(plan: Proposal, *fields: str) -> None:
    """Write these columns and count the version up."""
    plan.lock_version += 1
    plan.save(update_fields=[*fields, "lock_version"])


def present(plan: Any) -> Any:
    """The plan's present version."""
    assert plan.current is not None, "a plan has its version of today from the beginning"
    return plan.current


def add_version(plan: Any, kind: str, account: int | None, *, kept: int | None, **content: Any) -> Any:
    """The next version becomes the plan's present one. The first (today) and the newest ones are kept, `kept` in all; the oldest
    middle ones fall away."""
    last = plan.versions.order_by("-number").values_list("number", flat=True).first() or 0
    row = plan.versions.create(number=last + 1, kind=kind, at=clock.now(), account_ref=account, **content)
    plan.current = row
    plan.save(update_fields=["current"])
    known = list(plan.versions.order_by("number").values_list("pk", flat=True))
    beyond = len(known) - (kept or VERSIONS_KEPT)
    if beyond > 0:
        plan.versions.filter(pk__in=known[1 : 1 + beyond]).delete()
    return row


def version_before(plan: Any) -> Any:
    """The version before the present one; for one that was undone, before the one it went back to. Raises RuleViolation where
    there is none."""
    current = present(plan)
    rows = plan.versions.filter(number__lt=current.back_to or current.number).exclude(kind="undone")
    found = rows.order_by("-number").first()
    if found is None:
        raise RuleViolation(_("已经是最早的一版，没有可以撤销的了。"))
    return found


def clean_words(plan: Any, words: str) -> str:
    """Why something is decided beforehand. Raises RuleViolation, also where there is too much of it."""
    if len(words.strip()) > MOST_WORDS:
        raise RuleViolation(_("理由不超过200个字。"), field="words")
    if plan.pins.count() >= MOST_PINS:
        raise RuleViolation(_("一个方案最多200项要求，请先去掉一些。"), field="kind")
    return words.strip()


PIN_KINDS = ("together", "apart", "inside")


def check_pin(plan: Any, kind: str, buildings: list[int]) -> list[int]:
    """What is decided of buildings, each once. Raises RuleViolation, naming the field."""
    least, most, words = {
        "together": (2, 200, _("请选两栋以上的楼。")), "apart": (2, 2, _("请正好选两栋楼。")),
        "inside": (1, 200, _("请选要定下来的楼栋。")),
    }.get(kind, (1, 0, ""))  # fmt: skip
    if kind not in PIN_KINDS:
        raise RuleViolation(_("要求只有三种：须在一起、须分开、定在一处。"), field="kind")
    chosen = list(dict.fromkeys(buildings))
    if not least <= len(chosen) <= most:
        raise RuleViolation(words, field="buildings")
    if set(chosen) - set(plan.buildings):
        raise RuleViolation(_("有楼栋不在这个方案里。"), field="buildings")
    return chosen


def removed_pin(plan: Any, pin_id: int) -> Any:
    """The pin, deleted. Raises NotVisible."""
    pin = plan.pins.filter(pk=pin_id).first()
    if pin is None:
        raise NotVisible(_("没有找到这项要求。"))
    pin.delete()
    return pin
