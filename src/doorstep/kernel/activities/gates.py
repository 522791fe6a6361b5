"""A session or an activity for an act: the gate, and the row locked. The first lock of every service here, so that nothing
waits in a ring."""

from __future__ import annotations

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.activities.models import Activity, Session
from doorstep.kernel.shared.errors import NotVisible


def locked_session(actor: Actor, session_id: int, action: str) -> Session:
    """The session, its row locked, after the gate for `action` ("organise", "keep", "view")."""
    rows = policy_for(Session).visible_to(actor).select_related("activity").select_for_update(of=("self",))
    session: Session | None = rows.filter(pk=session_id).first()
    if session is None:
        raise NotVisible(_("没有找到这场活动。"))
    policy_for(Session).require(actor, action, session)
    return session


def locked_activity(actor: Actor, activity_id: int) -> Activity:
    rows = policy_for(Activity).visible_to(actor).select_for_update(of=("self",))
    activity: Activity | None = rows.filter(pk=activity_id).first()
    if activity is None:
        raise NotVisible(_("没有找到这个活动。"))
    policy_for(Activity).require(actor, "organise", activity)
    return activity
