"""Following what a neighbour reported already, instead of reporting it again."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.matters.models import Matter, Participation
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible


@transaction.atomic
def follow_nearby(*, actor: Actor, matter_id: int) -> Matter:
    """Hear what its reporter hears of an open request that was offered as a likely duplicate. Nothing in it may be
    read: neither words nor names. Doing it again, or following one's own, changes nothing.

    The caller has made sure that it was offered to this reader. Raises NotVisible for one that cannot be offered.
    """
    if actor.person_id is None:
        raise NotAllowed(_("这个账号没有对应的人员信息。"))
    rows = Matter.objects.select_for_update().filter(pk=matter_id, kind="request", is_open=True)
    matter = rows.exclude(confidentiality=Matter.SEALED).first()
    if matter is None:
        raise NotVisible(_("这件事已经办结，不用再关注了。还没解决的话，请上报。"))
    if actor.person_id in (matter.reporter_id, matter.teller_id):
        return matter
    _row, is_new = Participation.objects.get_or_create(
        matter=matter,
        person_id=actor.person_id,
        defaults={"part": Participation.NEIGHBOUR, "at": clock.now()},
    )
    if is_new:
        record(actor, Act("matters.follow", matter, matter.place_code))
    return matter
