"""The law of what visits, days of assistance and sessions find: somebody takes it on, and somebody else says that it is settled."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.capabilities import declare as capability
from doorstep.kernel.matters.laws import CHECK, RESOLVE, RESPOND, Law, State, Transition, declare
from doorstep.modules.coverage.states import COMMUNITY, OFFICES

KIND = "coverage_finding"

VIEW_FINDINGS = capability("coverage.view_findings", posts=(*OFFICES, *COMMUNITY))
RAISE = capability("coverage.raise", posts=(*OFFICES, *COMMUNITY, "enterprise_cadre"))
HANDLE = capability("coverage.handle", posts=(*OFFICES, *COMMUNITY))
CONFIRM = capability("coverage.confirm", posts=(*OFFICES, *COMMUNITY))
DECIDE = capability("coverage.decide", posts=OFFICES)

_FOUND = _(
    "走访、蹲点调研、现场办公和协调机制会议发现的问题，有人办、有回音（推动覆盖提升、党建引领基层治理协调机制）"
)
_OTHER = _("核实的人不得是办理人")

LAW = declare(
    Law(
        kind=KIND,
        name=_("走访和会议交办"),
        prefix="ZF",
        first="raised",
        view=VIEW_FINDINGS,
        opens=RAISE,
        opening=(RESPOND, RESOLVE),
        promises={RESPOND: _("有人接办"), RESOLVE: _("办结"), CHECK: _("核实")},
        states=(
            State("raised", _("已交办"), next_step=_("等待接办")),
            State("in_hand", _("在办"), next_step=_("办好后说明结果")),
            State("handled", _("已办，待核实"), next_step=_("等待他人核实")),
            State("settled", _("已办结"), over=True),
            State("declined", _("不予办理"), over=True),
        ),
        transitions=(
            Transition(
                "take", _("接办"), ("raised",), "in_hand", _FOUND, by=HANDLE, parts=("holder",), takes=("note", "internal"),
                meets=(RESPOND,), makes_handler=True,
            ),
            Transition(
                "decline", _("不予办理"), ("raised", "in_hand"), "declined", _FOUND, by=DECIDE, requires=("note",),
                stops=(RESPOND, RESOLVE), tells=("holder", "handler"), danger=True,
            ),
            Transition(
                "handle", _("办好了"), ("in_hand",), "handled", _FOUND, parts=("holder", "handler"), requires=("note",),
                takes=("internal",), makes_handler=True, does_the_work=True, pauses=(RESOLVE,), starts=(CHECK,),
            ),
            Transition(
                "confirm", _("核实办结"), ("handled",), "settled", _OTHER, by=CONFIRM, never_by=("handler", "handled"),
                takes=("note", "internal"), meets=(RESOLVE, CHECK), tells=("handler",),
            ),
            Transition(
                "rework", _("退回再办"), ("handled",), "in_hand", _OTHER, by=CONFIRM, never_by=("handler", "handled"),
                requires=("internal",), meets=(CHECK,), resumes=(RESOLVE,), tells=("handler", "holder"),
            ),
        ),
    )
)  # fmt: skip
