"""A community's page: written by the community, sent to the street, published by somebody else, changed or withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files import File
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.matters.files import PICTURE, checked_file
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, RuleViolation
from doorstep.modules.coverage.compared import MOST_COMPARED, comparable
from doorstep.modules.coverage.keeping import checked_text, community_named, locked_row
from doorstep.modules.coverage.models_pages import (
    DRAFT,
    KINDS,
    PUBLISHED,
    SUBMITTED,
    WITHDRAWN,
    CommunityPage,
)
from doorstep.modules.coverage.policies import WRITE


@dataclass(frozen=True, kw_only=True)
class PageWords:
    """What a page says; `indicators`: keys of figures that it shows, as of `since_day` and now."""

    name: str
    problem: str
    way: str
    effect: str
    since_day: dt.date
    indicators: tuple[str, ...] = ()


def checked_words(words: PageWords) -> dict[str, Any]:
    """The columns. Raises RuleViolation naming the field."""
    if words.since_day >= clock.today():
        raise RuleViolation(_("相比的那一天须在今天以前。"), field="since_day")
    return {
        "name": checked_text(words.name, "name", _("名称"), 40),
        "problem": checked_text(words.problem, "problem", _("要解决的问题"), 1000, lines=True),
        "way": checked_text(words.way, "way", _("做法"), 2000, lines=True),
        "effect": checked_text(words.effect, "effect", _("成效"), 1000, lines=True),
        "since_day": words.since_day, "indicators": checked_keys(words.indicators),
    }  # fmt: skip


def checked_keys(keys: Sequence[str], *, required: bool = False) -> list[str]:
    """Keys of figures that can be compared. Raises RuleViolation."""
    known = comparable()
    wanted = list(dict.fromkeys(keys))
    if any(key not in known for key in wanted):
        raise RuleViolation(_("请从给出的数字里选。"), field="indicators")
    if len(wanted) > MOST_COMPARED or (required and not wanted):
        raise RuleViolation(_("请选 1 到 %(most)d 个数字。") % {"most": MOST_COMPARED}, field="indicators")
    return wanted


@transaction.atomic
def write_page(*, actor: Actor, kind: str, place_code: str, words: PageWords) -> CommunityPage:
    """Begin a community's page of a kind; there is one. Raises RuleViolation, Conflict where it has one, NotVisible, NotAllowed."""
    if kind not in dict(KINDS):
        raise RuleViolation(_("请选品牌还是经验。"), field="kind")
    community_named(place_code)
    require_place(actor, WRITE, place_code)
    columns = checked_words(words)
    row = CommunityPage(kind=kind, place_code=place_code, **columns)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as clash:
        raise Conflict(_("这个社区已经有一页，请在那一页上改。"), field="place_code") from clash
    _wrote(actor, row)
    record(
        actor, Act("coverage.page_written", row, place_code, {"kind": [None, kind], "name": [None, row.name]})
    )
    return row


@transaction.atomic
def change_page(*, actor: Actor, page_id: int, words: PageWords, expected_version: int) -> CommunityPage:
    """Say it otherwise. A published page is not public from now on, until it is approved anew. Raises as `write_page`."""
    row = _current(actor, page_id, "write", expected_version)
    columns = checked_words(words)
    changed = {key: value for key, value in columns.items() if getattr(row, key) != value}
    if not changed:
        return row
    for key, value in changed.items():
        setattr(row, key, value)
    before, row.state = row.state, DRAFT
    _wrote(actor, row)
    _saved(actor, row, "coverage.page_written", before, list(changed))
    return row


def add_picture(*, actor: Actor, page_id: int, upload: File, caption: str, consent: str) -> CommunityPage:
    """Give the page its picture, made anew without where it was taken; never required. Raises RuleViolation for what is no picture or
    without words of how those in it agreed."""
    agreed = checked_text(consent, "consent", _("照片里的人怎样同意"), 120)
    words = checked_text(caption, "caption", _("照片说明"), 80, required=False)
    checked = checked_file(upload)
    if checked.kind != PICTURE or checked.picture is None:
        raise RuleViolation(_("这里只放照片（JPG、PNG、WebP）。"), field="file")
    with transaction.atomic():
        row: CommunityPage = locked_row(actor, CommunityPage, page_id, "write")
        row.picture, row.caption, row.consent = checked.picture.content, words, agreed
        before, row.state = row.state, DRAFT
        _wrote(actor, row)
        _saved(actor, row, "coverage.page_written", before, ["picture", "caption", "consent"])
    return row


@transaction.atomic
def submit_page(*, actor: Actor, page_id: int, expected_version: int) -> CommunityPage:
    """Send it to the street. Raises Conflict, RuleViolation where it waits or is public already."""
    row = _current(actor, page_id, "write", expected_version)
    _require_state(row, DRAFT, WITHDRAWN)
    before, row.state, row.submitted_at, row.reason = row.state, SUBMITTED, clock.now(), ""
    if not row.writers.exists():
        _wrote(actor, row)  # withdrawn and sent in as it is: by whoever wants it public again
    _saved(actor, row, "coverage.page_submitted", before, ["submitted_at", "reason"])
    return row


@transaction.atomic
def approve_page(*, actor: Actor, page_id: int, expected_version: int) -> CommunityPage:
    """Publish it. Raises NotAllowed for everybody who had a hand in it."""
    row = _current(actor, page_id, "approve", expected_version)
    _require_state(row, SUBMITTED)
    if has_written(actor, row):
        raise NotAllowed(_("自己写的，须由他人审核发布。"))
    row.writers.clear()
    before, row.state = row.state, PUBLISHED
    row.published_on, row.approved_by_id, row.withdrawn_on = clock.today(), actor.person_id, None
    _saved(actor, row, "coverage.page_approved", before, ["published_on", "approved_by", "withdrawn_on"])
    return row


@transaction.atomic
def send_back_page(*, actor: Actor, page_id: int, reason: str, expected_version: int) -> CommunityPage:
    """Give it back with a reason."""
    row = _current(actor, page_id, "approve", expected_version)
    _require_state(row, SUBMITTED)
    row.reason = checked_text(reason, "reason", _("退回的原因"), 200)
    before, row.state = row.state, DRAFT
    _saved(actor, row, "coverage.page_sent_back", before, ["reason"])
    return row


@transaction.atomic
def withdraw_page(*, actor: Actor, page_id: int, reason: str, expected_version: int) -> CommunityPage:
    """Take a published page from public view, with a reason."""
    row = _current(actor, page_id, "approve", expected_version)
    _require_state(row, PUBLISHED)
    row.reason = checked_text(reason, "reason", _("撤下的原因"), 200)
    before, row.state, row.withdrawn_on = row.state, WITHDRAWN, clock.today()
    _saved(actor, row, "coverage.page_withdrawn", before, ["reason", "withdrawn_on"])
    return row


def has_written(actor: Actor, row: CommunityPage) -> bool:
    """Whether the actor had a hand in the page since it was last published."""
    return actor.person_id is not None and row.writers.filter(pk=actor.person_id).exists()


def _wrote(actor: Actor, row: CommunityPage) -> None:
    if actor.person_id is not None:
        row.writers.add(actor.person_id)


def _current(actor: Actor, page_id: int, action: str, expected_version: int) -> CommunityPage:
    row: CommunityPage = locked_row(actor, CommunityPage, page_id, action)
    if row.lock_version != expected_version:
        raise Conflict(_("别人刚刚改过这一页，请刷新后再看。"))
    return row


def _require_state(row: CommunityPage, *states: str) -> None:
    if row.state not in states:
        raise RuleViolation(
            _("这一页现在是“%(state)s”，不能办这一步。请刷新后再看。") % {"state": row.get_state_display()}
        )


def _saved(actor: Actor, row: CommunityPage, act: str, before: str, fields: list[str]) -> None:
    row.lock_version += 1
    row.save(update_fields=[*fields, "state", "lock_version"])
    words = {"reason": row.reason} if row.reason else {}
    record(actor, Act(act, row, row.place_code, {"state": [before, row.state]}, words=words))
