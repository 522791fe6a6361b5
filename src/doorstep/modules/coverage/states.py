"""The law of a gap in coverage: planned by who looks after the place, over only when a record covers the organisation.

No step says "done": `cover` is the platform's alone, and it follows a party organisation, or an instructor, in force.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.capabilities import declare as capability
from doorstep.kernel.matters.laws import RESOLVE, RESPOND, Law, State, Transition, declare, declare_note

KIND = "coverage_gap"
OFFICES = ("district_officer", "street_officer")
COMMUNITY = (
    "community_secretary", "community_deputy_secretary", "residents_committee_chair", "community_worker",
)  # fmt: skip

VIEW_GAPS = capability("coverage.view_gaps", posts=(*OFFICES, *COMMUNITY))
PLAN = capability("coverage.plan", posts=(*OFFICES, "community_secretary", "community_deputy_secretary"))

_SHOULD = _(
    "有党员的组织应有党组织覆盖，没有党员的由入企干部（党建指导员）联系，直至消除覆盖空白（推动覆盖提升）"
)
_RECORD = _("有在册的党组织覆盖或者任职中的入企干部，才算消除；记录终止则重新办理")
_GONE = _("组织已终止的，不再办理")

MOVED = declare_note(
    Transition(
        "follow_organisation", _("随组织搬迁"), (), "", _("组织搬到别的社区，覆盖空白由现在的社区接着办"), parts=("platform",),
        requires=("internal",), tells=("holder",),
    )
)  # fmt: skip
LAW = declare(
    Law(
        kind=KIND,
        name=_("覆盖空白"),
        prefix="KB",
        first="found",
        view=VIEW_GAPS,
        opens="coverage.find_gap",  # the platform's alone: no post holds it
        opening=(RESPOND,),
        promises={RESPOND: _("定出办法和日期"), RESOLVE: _("消除空白")},
        states=(
            State("found", _("没有办法"), next_step=_("等待定出办法和日期")),
            State("planned", _("有办法"), next_step=_("等待按计划组建或者选派")),
            State("covered", _("已覆盖"), over=True),
            State("lapsed", _("不再需要"), over=True),
        ),
        transitions=(
            Transition(
                "plan", _("定办法"), ("found",), "planned", _SHOULD, by=PLAN, requires=("until", "internal"),
                starts=(RESOLVE,), meets=(RESPOND,), makes_handler=True,
            ),
            Transition(
                "plan_anew", _("改办法"), ("planned",), "planned", _SHOULD, by=PLAN, requires=("until", "internal"),
                stops=(RESOLVE,), starts=(RESOLVE,), makes_handler=True,
            ),
            Transition(
                "cover", _("已覆盖"), ("found", "planned", "lapsed"), "covered", _RECORD, parts=("platform",),
                meets=(RESPOND, RESOLVE), tells=("handler",),
            ),
            Transition(
                "lapse", _("不再需要"), ("found", "planned", "covered"), "lapsed", _GONE, parts=("platform",),
                stops=(RESPOND, RESOLVE), tells=("handler",),
            ),
            Transition(
                "open_again", _("重新成为空白"), ("covered", "lapsed"), "found", _RECORD, parts=("platform",),
                starts=(RESPOND,), tells=("handler", "holder"),
            ),
        ),
    )
)  # fmt: skip
