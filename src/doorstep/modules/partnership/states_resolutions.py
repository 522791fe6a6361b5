"""The law of resolutions: what a meeting with quorum resolved is done by a unit and confirmed by the community's committee."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.capabilities import declare as capability
from doorstep.kernel.matters.laws import CHECK, RESOLVE, RESPOND, Law, State, Transition, declare

_COMMITTEE = ("community_secretary", "community_deputy_secretary", "community_committee_member")

VIEW = capability(
    "resolutions.view",
    posts=("district_officer", "street_officer", *_COMMITTEE, "part_time_commissioner"),
)
OPEN = capability("resolutions.open", posts=("community_secretary", "community_deputy_secretary"))
CONFIRM = capability("resolutions.confirm", posts=_COMMITTEE)
DECIDE = capability("resolutions.decide", posts=("street_officer",))

_KEPT = _("会议形成的决议转为责任事项，有责任单位、有期限（协商议事制度）")
_CONFIRMED = _("由社区党组织确认；办理的人和单位不自己确认")
_NO_MEETING = _("会议记录作废的，会上的决议随之作废")

LAW = declare(
    Law(
        kind="resolution",
        name=_("会议决议"),
        prefix="JY",
        first="resolved",
        view=VIEW,
        opens=OPEN,
        opening=(RESPOND, RESOLVE),
        promises={RESPOND: _("认领"), RESOLVE: _("办结并确认"), CHECK: _("社区确认")},
        states=(
            State("resolved", _("待认领"), next_step=_("等待责任单位认领")),
            State("running", _("办理中"), next_step=_("责任单位按期办理")),
            State("handled", _("已办理，待确认"), next_step=_("等待社区党组织确认")),
            State("unowned", _("责任单位退出，待重新落实"), next_step=_("社区党组织另找责任单位")),
            State("kept", _("已确认"), over=True),
            State("void", _("已作废"), over=True),
            State("dropped", _("不再办理"), over=True),
        ),
        transitions=(
            Transition(
                "accept", _("认领"), ("resolved",), "running", _KEPT, parts=("called",), takes=("note",), meets=(RESPOND,),
                tells=("holder",),
            ),
            Transition(
                "handle", _("已办理"), ("resolved", "running"), "handled", _KEPT, parts=("called",), requires=("note",),
                takes=("internal",), makes_handler=True, does_the_work=True, meets=(RESPOND,), pauses=(RESOLVE,),
                starts=(CHECK,), tells=("holder",),
            ),
            Transition(
                "confirm", _("确认办结"), ("handled",), "kept", _CONFIRMED, by=CONFIRM,
                never_by=("called", "handler", "handled"), takes=("note",), meets=(CHECK, RESOLVE),
                tells=("called", "holder"),
            ),
            Transition(
                "rework", _("退回再办"), ("handled",), "running", _CONFIRMED, by=CONFIRM,
                never_by=("called", "handler", "handled"), requires=("note",), meets=(CHECK,), resumes=(RESOLVE,),
                tells=("called",),
            ),
            Transition(
                "release", _("责任单位退出"), ("resolved", "running", "handled"), "unowned", _KEPT, by=OPEN,
                parts=("platform",), requires=("internal",), stops=(RESPOND, RESOLVE, CHECK), tells=("holder", "called"),
            ),
            Transition(
                "assign", _("落实责任单位"), ("unowned",), "resolved", _KEPT, by=OPEN, requires=("responsible",),
                takes=("note",), starts=(RESPOND, RESOLVE), tells=("called",),
            ),
            Transition(
                "drop", _("不再办理"), ("resolved", "running", "unowned"), "dropped", _CONFIRMED, by=DECIDE,
                never_by=("called", "handler", "handled"), requires=("note",), stops=(RESPOND, RESOLVE), tells=("holder", "called"),
                danger=True,
            ),
            Transition(
                "annul", _("随会议记录作废"), ("resolved", "running", "handled", "unowned"), "void", _NO_MEETING,
                parts=("platform",), requires=("internal",), stops=(RESPOND, RESOLVE, CHECK), tells=("holder", "called"),
            ),
        ),
    )
)  # fmt: skip
