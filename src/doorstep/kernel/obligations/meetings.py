"""Kinds of meeting that minutes are kept of, and which of them need a quorum."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.obligations.kinds import ProofKind, declare

QUORUM = "quorum"
# code, name, needs a quorum of those entitled
_MEETINGS = (
    ("assembly", _("党员大会"), True),
    ("committee", _("支部委员会会议"), True),
    ("group", _("党小组会"), True),
    ("lecture", _("党课"), False),
    ("appraisal", _("民主评议党员"), True),
    ("joint_meeting", _("党建联席会议"), True),
    ("supervision", _("监督检查"), False),
    ("feedback", _("情况反馈"), False),
    ("coordination", _("协调机制会议"), False),
)
MEETINGS = {code: name for code, name, _needs in _MEETINGS}
WITH_QUORUM = frozenset(code for code, _name, needs in _MEETINGS if needs)

declare(
    *(
        ProofKind(
            code, name, {QUORUM: _("达到规定人数")} if needs else {}, register="obligations.minutes",
            page="desk:minutes_new",
        )
        for code, name, needs in _MEETINGS
    )
)  # fmt: skip
