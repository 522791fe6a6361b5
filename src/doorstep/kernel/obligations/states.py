"""The law of supervision: what was owed and not done is asked after, until a record makes it up or a superior lets it rest.

No step says "done": `made_up` is the platform's alone, and it follows a record.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.capabilities import declare as capability
from doorstep.kernel.matters.laws import RESOLVE, RESPOND, Law, State, Transition, declare

KIND = "obligation"
OPEN = ("raised", "explained")
_OFFICES = ("district_officer", "street_officer")
_COMMUNITY = (
    "community_secretary", "community_deputy_secretary", "residents_committee_chair", "community_worker",
)  # fmt: skip

VIEW = capability("obligations.view_supervision", posts=(*_OFFICES, *_COMMUNITY))
EXPLAIN = capability("obligations.explain", posts=(*_COMMUNITY, "branch_secretary", "group_leader"))
DECIDE = capability("obligations.decide", posts=_OFFICES)

_OWED = _("到期没有办的应办事项，由上级督促（反馈监督制度）；以真实记录为准，不填“已办”")
_PROVED = _("登记了真实记录即视为补办，记录作废则重新督促")
_EXEMPT = _("经批准豁免的，凭文号不再督促")
_GONE = _("单位撤销的，不再督促；没有办的记录不变")
_REST = _("说明情况的人不得自己了结")

LAW = declare(
    Law(
        kind=KIND,
        name=_("应办督促"),
        prefix="DC",
        first="raised",
        view=VIEW,
        opens="obligations.raise",  # the platform's alone: no post holds it
        opening=(RESPOND, RESOLVE),
        promises={RESPOND: _("说明情况"), RESOLVE: _("补办")},
        states=(
            State("raised", _("督促中"), next_step=_("等待补办，或者说明情况")),
            State("explained", _("已说明"), next_step=_("等待上级认定，或者补办")),
            State("made_up", _("已补办"), over=True),
            State("exempted", _("已豁免"), over=True),
            State("rested", _("已了结"), over=True),
        ),
        transitions=(
            Transition(
                "explain", _("说明情况"), ("raised",), "explained", _OWED, by=EXPLAIN, parts=("holder",),
                requires=("internal",), meets=(RESPOND,), makes_handler=True, does_the_work=True,
            ),
            Transition(
                "ask_again", _("继续督促"), ("explained",), "raised", _OWED, by=DECIDE,
                never_by=("handler", "handled"), requires=("internal",), starts=(RESPOND,), tells=("handler", "holder"),
            ),
            Transition(
                "rest", _("了结"), ("explained",), "rested", _REST, by=DECIDE, never_by=("handler", "handled"),
                requires=("internal",), stops=(RESOLVE,), tells=("handler", "holder"),
            ),
            Transition(
                "make_up", _("补办"), ("raised", "explained", "exempted", "rested"), "made_up", _PROVED, parts=("platform",),
                meets=(RESPOND, RESOLVE), tells=("handler",),
            ),
            Transition(
                "exempt", _("豁免"), ("raised", "explained", "rested"), "exempted", _EXEMPT, parts=("platform",),
                stops=(RESPOND, RESOLVE), tells=("handler", "holder"),
            ),
            Transition(
                "lapse", _("单位已撤销"), OPEN, "rested", _GONE, parts=("platform",), stops=(RESPOND, RESOLVE),
                tells=("handler", "holder"),
            ),
            Transition(
                "raise_again", _("重新督促"), ("made_up", "exempted"), "raised", _PROVED, parts=("platform",),
                starts=(RESPOND, RESOLVE), tells=("handler", "holder"),
            ),
        ),
    )
)  # fmt: skip
