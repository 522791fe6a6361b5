"""Files attached to matters. Never required; what is stored is checked and made anew first."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.matters import files
from doorstep.kernel.matters.models import Attachment, Matter
from doorstep.kernel.matters.standing import is_insider, is_reporter, office_in, seen_matter
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation

JUST_OPENED = dt.timedelta(hours=1)  # a slow network, a photo that is sent again; not a way in for good


def attach(
    *, actor: Actor, matter_id: int, upload: File, internal: bool = False, key: uuid.UUID | None = None,
) -> Attachment:  # fmt: skip
    """Attach a picture, PDF, Word or Excel file. The same file again is the same attachment.

    `key`: the matter's own, by which somebody unknown who has just opened it adds a photo. Raises NotVisible, NotAllowed
    for an internal file of somebody not in office in it, RuleViolation in words for what cannot be kept.
    """
    _check(actor, _matter(actor, matter_id, key), internal, key)
    checked = files.checked_file(upload)
    name = files.kept(checked)
    try:
        row = _written(actor, matter_id, checked, name, internal, key)
    except BaseException:
        files.removed(name)
        raise
    if row.file != name:
        files.removed(name)
    return row


def _matter(actor: Actor, matter_id: int, key: uuid.UUID | None) -> Matter:
    if key is None:
        return seen_matter(actor, matter_id)
    just = clock.now() - JUST_OPENED
    found = Matter.objects.filter(pk=matter_id, key=key, reporter__isnull=True, opened_at__gte=just).first()
    return found or seen_matter(actor, matter_id)


def _check(actor: Actor, matter: Matter, internal: bool, key: uuid.UUID | None) -> None:
    insider = is_insider(actor, matter)
    if internal and not insider:
        raise NotAllowed(_("内部附件只有承办人员可以添加。"))
    if not (insider or is_reporter(actor, matter) or (key is not None and matter.key == key)):
        raise NotAllowed(_("您不能在这件事里添加附件。"))
    if matter.erased_at is not None:
        raise RuleViolation(_("这件事的内容已按期删除，不能再添加。"))


@transaction.atomic
def _written(
    actor: Actor, matter_id: int, checked: files.Checked, name: str, internal: bool, key: uuid.UUID | None
) -> Attachment:
    Matter.objects.select_for_update().filter(pk=matter_id).first()
    matter = _matter(actor, matter_id, key)
    _check(actor, matter, internal, key)
    rows = Attachment.objects.filter(matter=matter, removed_at__isnull=True)
    same = rows.filter(digest=checked.digest, internal=internal).first()
    if same is not None:
        return same
    if rows.count() >= settings.ATTACHMENTS_PER_MATTER:
        raise RuleViolation(
            _("一件事最多 %(most)d 个附件，已经满了。") % {"most": settings.ATTACHMENTS_PER_MATTER},
            field="file",
        )
    picture = checked.picture
    row = Attachment.objects.create(
        matter=matter, name=checked.name, file=name, kind=checked.kind, size=len(checked.content),
        digest=checked.digest, width=picture.width if picture else None,
        height=picture.height if picture else None, internal=internal, account_id=actor.account_id,
        person_id=actor.person_id, unit_id=office_in(actor, matter), at=clock.now(),
    )  # fmt: skip
    record(
        actor,
        Act("matters.attach", matter, matter.place_code, {"attachment": [None, row.pk], "kind": row.kind}),
    )
    return row


def file_for(
    actor: Actor, matter_id: int, attachment_id: int, thumbnail: bool = False
) -> tuple[Attachment, Path]:
    """An attachment and where it lies. Raises NotVisible where it does not exist for the actor."""
    matter = seen_matter(actor, matter_id)
    row = Attachment.objects.filter(pk=attachment_id, matter=matter, removed_at__isnull=True).first()
    if row is None or (row.internal and not is_insider(actor, matter)):
        raise NotVisible(_("没有找到这个附件。"))
    path = files.path_of(files.thumbnail_of(row.file) if thumbnail else row.file)
    if (thumbnail and row.width is None) or not path.exists():
        raise NotVisible(_("没有找到这个附件。"))
    return row, path


def remove_orphans() -> int:
    """Take away files whose row was never committed. Gives their number."""
    names = files.old_files()
    known = set(
        Attachment.objects.filter(file__in=names, removed_at__isnull=True).values_list("file", flat=True)
    )
    for name in set(names) - known:
        files.removed(name)
    return len(set(names) - known)
