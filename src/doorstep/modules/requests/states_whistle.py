"""The law of whistles: the street calls departments on a lawful ground; they come, handle, and are judged by the street."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.capabilities import declare as capability
from doorstep.kernel.matters.laws import (
    ARRIVE,
    CHECK,
    RESOLVE,
    RESPOND,
    Law,
    Part,
    State,
    Transition,
    declare,
    declare_note,
)

_COMMUNITY = (
    "community_secretary", "community_deputy_secretary", "residents_committee_chair", "community_worker",
)  # fmt: skip

VIEW = capability("whistles.view", posts=("district_officer", "street_officer", *_COMMUNITY))
OPEN = capability("whistles.open", posts=("street_officer", *_COMMUNITY))
ISSUE = capability("whistles.issue", posts=("street_officer",))
VERIFY = capability("whistles.verify", posts=("street_officer",))
DECIDE = capability("whistles.decide", posts=("district_officer",))

_CALL = _("街道可以召集部门开展联合处置（《北京市街道办事处条例》第五条，作参照）")
_SCREENED = _("街道先行研判：不属本街道基本履职事项的，方可吹哨（“吹哨报到”做法）")
_REFUSED = _("部门不应哨的，街道报区里处理（《北京市街道办事处条例》第四十四条，作参照）")
_JUDGED = _("街道核实并评价到场部门（“吹哨报到”做法）；核实人不得是办理人")
_PARTS_OF_THE_STREET: tuple[Part, ...] = ("handler", "handled", "holder", "called")

LAW = declare(
    Law(
        kind="whistle",
        name=_("吹哨"),
        prefix="CS",
        first="proposed",
        view=VIEW,
        opens=OPEN,
        promises={RESPOND: _("应哨"), RESOLVE: _("处置完毕并核实"), CHECK: _("核实并评价")},
        states=(
            State("proposed", _("拟吹哨"), next_step=_("等待街道研判")),
            State("issued", _("已吹哨"), next_step=_("等待牵头部门应哨")),
            State("objected", _("部门有异议"), next_step=_("街道改派，或者报区里裁定")),
            State("escalated", _("已报区里"), next_step=_("等待区里裁定由谁办")),
            State("accepted", _("已应哨"), next_step=_("部门按时限到场")),
            State("arrived", _("已到场"), next_step=_("商定处置方案")),
            State("planned", _("已定方案"), next_step=_("按方案处置")),
            State("handled", _("已处置，待核实"), next_step=_("街道核实")),
            State("verified", _("已核实，待评价"), next_step=_("街道评价每个部门后结案")),
            State("closed", _("已结案"), over=True),
            State("declined", _("不吹哨"), over=True),
        ),
        transitions=(
            Transition(
                "issue", _("吹哨"), ("proposed",), "issued", _CALL, by=ISSUE, requires=("unit_id", "ground"),
                takes=("note", "internal"), asks=True, starts=(RESPOND, ARRIVE, RESOLVE), ends=(ARRIVE,),
                tells=("asked", "called"),
            ),
            Transition(
                "decline", _("不吹哨"), ("proposed",), "declined", _SCREENED, by=ISSUE, requires=("internal",),
                tells=("holder",), danger=True,
            ),
            Transition(
                "accept", _("应哨"), ("issued",), "accepted", _CALL, parts=("asked",), takes=("note", "internal"),
                takes_over=True, makes_handler=True, meets=(RESPOND,), tells=("called",),
            ),
            Transition(
                "object", _("提出异议"), ("issued",), "objected", _REFUSED, parts=("asked",), requires=("internal",),
                at_most=1, meets=(RESPOND,), tells=("holder",),
            ),
            Transition(
                "reassign", _("改由他人牵头"), ("issued", "objected"), "issued", _CALL, by=ISSUE,
                never_by=("asked",), requires=("unit_id", "internal"), asks=True, stops=(RESPOND, ARRIVE),
                starts=(RESPOND, ARRIVE), ends=(ARRIVE,), tells=("asked",),
            ),
            Transition(
                "escalate", _("报区里处理"), ("issued", "objected", "accepted", "arrived", "planned"), "escalated",
                _REFUSED, by=ISSUE, requires=("internal",), tells=("holder", "asked"),
            ),
            Transition(
                "decide", _("裁定由谁办"), ("escalated",), "issued", _REFUSED, by=DECIDE, never_by=("asked", "handler"),
                requires=("unit_id", "internal"), asks=True, stops=(RESPOND, ARRIVE), starts=(RESPOND, ARRIVE),
                ends=(ARRIVE,), tells=("asked", "holder"),
            ),
            Transition(
                "dismiss", _("裁定不办"), ("escalated",), "declined", _REFUSED, by=DECIDE, never_by=("asked", "handler"),
                requires=("internal",), stops=(RESPOND, ARRIVE, RESOLVE), tells=("holder", "called"), danger=True,
            ),
            Transition(
                "arrive", _("到场签到"), ("accepted",), "arrived", _CALL, parts=("holder",), takes=("note",),
                meets=(ARRIVE,), tells=("called",),
            ),
            Transition(
                "plan", _("商定方案"), ("arrived",), "planned", _CALL, parts=("holder",), requires=("internal",),
                tells=("called",),
            ),
            Transition(
                "handle", _("处置完毕"), ("planned",), "handled", _CALL, parts=("holder", "handler"),
                requires=("note",), takes=("internal",), makes_handler=True, does_the_work=True, pauses=(RESOLVE,),
                starts=(CHECK,), tells=("called",),
            ),
            Transition(
                "verify", _("核实"), ("handled",), "verified", _JUDGED, by=VERIFY, never_by=_PARTS_OF_THE_STREET,
                requires=("note",), meets=(RESOLVE,), tells=("holder", "called"),
            ),
            Transition(
                "rework", _("退回重做"), ("handled",), "planned", _JUDGED, by=VERIFY, never_by=_PARTS_OF_THE_STREET,
                requires=("internal",), meets=(CHECK,), resumes=(RESOLVE,), tells=("holder", "called"),
            ),
            Transition(
                "close", _("评价并结案"), ("verified",), "closed", _JUDGED, by=VERIFY, never_by=_PARTS_OF_THE_STREET,
                requires=("rated",), takes=("note",), meets=(CHECK,), tells=("holder", "called"),
            ),
        ),
    )
)  # fmt: skip

# What moves no state: each supporting department's side, and the street's judgement of each.
JOINED = declare_note(Transition("join", _("协办部门应哨"), (), "", _CALL, parts=("called",)))
EXCUSED = declare_note(Transition("excuse", _("协办部门提出异议"), (), "", _REFUSED, parts=("called",)))
CAME = declare_note(Transition("come", _("协办部门到场签到"), (), "", _CALL, parts=("called",)))
CALLED_TOO = declare_note(Transition("call_too", _("再叫协办部门"), (), "", _CALL, by=ISSUE))
LATE = declare_note(
    Transition("late_call", _("协办部门逾期"), (), "", _CALL, parts=("platform",), requires=("internal",))
)
RELEASED = declare_note(Transition("release", _("解除召集"), (), "", _CALL, by=ISSUE))
JUDGED = declare_note(Transition("judge", _("评价部门"), (), "", _JUDGED, by=VERIFY))
