"""A shift of a call-up is a kind of activity. Who reported in or holds a vanguard post may sign up, though it is not public."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.activities.kinds import Kind, declare
from doorstep.modules.vanguard.selectors import SHIFT, may_stand
from doorstep.modules.vanguard.services_callups import close_offers


def _page(session_id: int) -> str:
    return reverse("vanguard:shift", args=[session_id])


def _admits(actor: Actor, session: Any) -> bool:
    return may_stand(actor.person_id, session.place_code)


def _never(session_id: int) -> bool:
    """Nothing is made of a shift that would stand: it may be sent back. But who was there does not confirm it."""
    return False


declare(Kind(SHIFT, _("党员集结"), page=_page, settled=_never, admits=_admits, left=close_offers))
