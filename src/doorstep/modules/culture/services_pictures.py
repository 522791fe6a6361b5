"""Pictures of events: made anew without where they were taken, shown only with consent, taken down at once.

Never required, and nobody's duty to be in. A picture that somebody does not want to be seen in is hidden the moment they
ask; who keeps it then takes it down for good, or shows it again where the wish was a mistake.
"""

from __future__ import annotations

import hashlib

from django.core.files import File
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.activities.gates import locked_session
from doorstep.kernel.activities.models import CANCELLED, Session
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.matters.files import PICTURE, checked_file
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.modules.culture.activity_kind import EVENT
from doorstep.modules.culture.keeping import check_line, seen_row
from doorstep.modules.culture.models import Picture

MOST = 30  # of one session: enough for an album, not for an archive
BYTES = ("content", "small")


def without_bytes(rows: QuerySet[Picture]) -> QuerySet[Picture]:
    return rows.defer(*BYTES)


def add_picture(
    *, actor: Actor, session_id: int, upload: File, caption: str = "", consent: str = ""
) -> Picture:
    """Add a picture of an event that has begun. Without `consent` (how those to be recognised agreed) only officers see it.
    The same file again is the same picture. Raises RuleViolation in words for what is no picture or too large."""
    _check_session(_seen(actor, session_id))
    checked = checked_file(upload)
    if checked.kind != PICTURE or checked.picture is None:
        raise RuleViolation(_("这里只放照片（JPG、PNG、WebP）。"), field="file")
    words = _caption(caption), _consent(consent)
    return _written(actor, session_id, checked.picture.content, checked.picture.thumbnail,
                    (checked.picture.width, checked.picture.height), words)  # fmt: skip


def _seen(actor: Actor, session_id: int) -> Session:
    """Before anything is decoded: may this be done at all?"""
    rows = policy_for(Session).visible_to(actor).select_related("activity")
    session: Session | None = rows.filter(pk=session_id, kind=EVENT).first()
    if session is None:
        raise NotVisible(_("没有找到这场活动。"))
    policy_for(Session).require(actor, "organise", session)
    return session


def _check_session(session: Session) -> None:
    if session.state == CANCELLED:
        raise Conflict(_("这场活动已经取消。"))
    if clock.now() < session.starts_at:
        raise RuleViolation(_("活动还没有开始，照片等办过以后再传。"), field="file")


@transaction.atomic
def _written(
    actor: Actor, session_id: int, content: bytes, small: bytes, size: tuple[int, int], words: tuple[str, str]
) -> Picture:
    session = locked_session(actor, session_id, "organise")
    digest = hashlib.sha256(content).hexdigest()
    rows = without_bytes(Picture.objects.filter(session=session, taken_down_at=None))
    same = rows.filter(digest=digest).first()
    if same is not None:
        return same
    if rows.count() >= MOST:
        raise RuleViolation(_("一场活动最多 %d 张照片，请先撤下几张。") % MOST, field="file")
    row = Picture.objects.create(
        session=session, place_code=session.place_code, content=content, small=small, width=size[0], height=size[1],
        caption=words[0], consent=words[1], added_by_id=actor.person_id, added_at=clock.now(), digest=digest,
    )  # fmt: skip
    changes = {"session": session.pk, "consent": [None, bool(row.consent)]}
    record(actor, Act("culture.picture_added", row, row.place_code, changes))
    return row


def _caption(text: str) -> str:
    return check_line(text, "caption", 80)


def _consent(text: str) -> str:
    return check_line(text, "consent", 120)


@transaction.atomic
def allow_picture(*, actor: Actor, picture_id: int, consent: str, caption: str | None = None) -> Picture:
    """Show a picture in public: `consent` says how those to be recognised agreed; a wish to take it down is then answered."""
    row = _kept(actor, picture_id)
    consent = check_line(consent, "consent", 120, _("请写明照片里的人怎样同意公开；认不出人的也请写明。"))
    before = row.is_public
    row.consent, row.asked_down_at = consent, None
    if caption is not None:
        row.caption = _caption(caption)
    row.save(update_fields=["consent", "asked_down_at", "caption"])
    record(
        actor,
        Act(
            "culture.picture_allowed",
            row,
            row.place_code,
            {"shown": [before, True]},
            words={"consent": consent},
        ),
    )
    return row


@transaction.atomic
def take_down(*, actor: Actor, picture_id: int) -> Picture:
    """Take a picture down for good: its bytes are gone, that it was there stays."""
    row = _kept(actor, picture_id)
    row.taken_down_at, row.content, row.small = clock.now(), b"", b""
    row.caption = ""
    row.save(update_fields=["taken_down_at", "content", "small", "caption"])
    record(actor, Act("culture.picture_taken_down", row, row.place_code, {"session": row.session_id}))
    return row


def _kept(actor: Actor, picture_id: int) -> Picture:
    row: Picture = seen_row(actor, Picture, picture_id, related=("session__activity",))
    if row.taken_down_at is not None:
        raise Conflict(_("这张照片已经撤下。"))
    return row


@transaction.atomic
def ask_down(*, actor: Actor, picture_id: int) -> Picture:
    """Anybody signed in who may see it says: take this one down. It is hidden from that moment until who keeps it has looked.
    No reason is asked, and who asked is not shown. One of an event that is not public exists for its organisers alone."""
    if actor.is_anonymous:
        raise NotVisible(_("请先登录。"))
    theirs = Q(session__activity__is_public=True) | Q(
        pk__in=policy_for(Picture).visible_to(actor).values("pk")
    )
    rows = without_bytes(Picture.objects.select_for_update(of=("self",)).select_related("session__activity"))
    row = rows.filter(theirs, pk=picture_id).first()
    if row is None or not (row.is_public or row.asked_down_at is not None) or row.taken_down_at is not None:
        raise NotVisible(_("没有找到这张照片。"))
    if row.asked_down_at is None:
        row.asked_down_at = clock.now()
        row.save(update_fields=["asked_down_at"])
        record(actor, Act("culture.picture_asked_down", row, row.place_code, {"session": row.session_id}))
    return row
