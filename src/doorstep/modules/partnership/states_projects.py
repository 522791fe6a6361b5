"""The laws of projects and of responsibilities, the third and the fourth of the lists.

The community answers for a project and holds it; the responsible unit does it. Whoever did it, or serves in a unit that
took part, never confirms it.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.capabilities import declare as capability
from doorstep.kernel.matters.laws import CHECK, RESOLVE, Law, Part, State, Transition, declare

PROJECT, RESPONSIBILITY = "project", "responsibility"
_OFFICES = ("district_officer", "street_officer")
_COMMUNITY = (
    "community_secretary", "community_deputy_secretary", "residents_committee_chair", "community_worker",
)  # fmt: skip

VIEW = capability("partnership.view_projects", posts=(*_OFFICES, *_COMMUNITY, "community_committee_member"))
MANAGE = capability("partnership.manage_projects", posts=_COMMUNITY)
CONFIRM = capability("partnership.confirm_projects", posts=("street_officer", *_COMMUNITY))

_AGREED = _("项目清单：有需求、有资源、有责任单位、有时间，没有责任单位的不立项（共驻共建项目清单）")
_CHECKED = _("做完由社区确认，确认人不得是办理人或参与单位的人；没有确认的不算数")
_GIVEN_BACK = _("做不了的说明情况退回，需求重新发布")
_SHARED = _("责任清单：谁来做、做什么、什么时候做完（共驻共建责任清单）")
_NEVER: tuple[Part, ...] = ("handler", "handled", "called")

PROJECT_LAW = declare(
    Law(
        kind=PROJECT,
        name=_("共建项目"),
        prefix="XM",
        first="drafted",
        view=VIEW,
        opens=MANAGE,
        promises={RESOLVE: _("做完并确认"), CHECK: _("社区确认")},
        states=(
            State("drafted", _("拟定"), next_step=_("定下责任单位和时间")),
            State("agreed", _("已商定"), next_step=_("责任单位开始实施")),
            State("running", _("实施中"), next_step=_("做完后写明做了什么")),
            State("delivered", _("已做完，待确认"), next_step=_("社区确认")),
            State("confirmed", _("已确认"), over=True),
            State("stopped", _("已中止"), over=True),
        ),
        transitions=(
            Transition(
                "agree", _("商定"), ("drafted",), "agreed", _AGREED, by=MANAGE, requires=("unit",), starts=(RESOLVE,),
                ends=(RESOLVE,), tells=("called",),
            ),
            Transition(
                "start", _("开始实施"), ("agreed",), "running", _AGREED, by=MANAGE, parts=("called", "handler"),
                requires=("need",), takes=("note",), tells=("holder",),
            ),
            Transition(
                "deliver", _("报告做完"), ("running",), "delivered", _CHECKED, by=MANAGE, parts=("called", "handler"),
                requires=("need", "note"), takes=("internal",), makes_handler=True, does_the_work=True, pauses=(RESOLVE,),
                starts=(CHECK,), tells=("holder",),
            ),
            Transition(
                "confirm", _("确认"), ("delivered",), "confirmed", _CHECKED, by=CONFIRM, never_by=_NEVER,
                requires=("need", "note"), meets=(CHECK, RESOLVE), tells=("handler", "called"),
            ),
            Transition(
                "rework", _("退回再做"), ("delivered",), "running", _CHECKED, by=CONFIRM, never_by=_NEVER,
                requires=("need", "internal"), meets=(CHECK,), resumes=(RESOLVE,), tells=("handler", "called"),
            ),
            Transition(
                "give_back", _("退回项目"), ("agreed", "running"), "stopped", _GIVEN_BACK, parts=("called", "handler"),
                requires=("need", "internal"), stops=(RESOLVE,), tells=("holder",), danger=True,
            ),
            Transition(
                "stop", _("中止项目"), ("agreed", "running"), "stopped", _GIVEN_BACK, by=MANAGE,
                requires=("need", "internal"), stops=(RESOLVE,), tells=("called",), danger=True,
            ),
        ),
    )
)  # fmt: skip

RESPONSIBILITY_LAW = declare(
    Law(
        kind=RESPONSIBILITY,
        name=_("共建责任"),
        prefix="ZR",
        first="noted",
        view=VIEW,
        opens=MANAGE,
        promises={RESOLVE: _("做完并确认"), CHECK: _("确认")},
        states=(
            State("noted", _("拟定"), next_step=_("定下由谁、什么时候做完")),
            State("assigned", _("已分工"), next_step=_("责任单位按时做完")),
            State("done", _("已做，待确认"), next_step=_("社区确认")),
            State("kept", _("已确认"), over=True),
            State("dropped", _("已取消"), over=True),
        ),
        transitions=(
            Transition(
                "assign", _("分工"), ("noted",), "assigned", _SHARED, by=MANAGE, requires=("project",), starts=(RESOLVE,),
                ends=(RESOLVE,), tells=("holder",),
            ),
            Transition(
                "do", _("报告做完"), ("assigned",), "done", _CHECKED, by=MANAGE, parts=("called", "handler"),
                requires=("note",), makes_handler=True, does_the_work=True, pauses=(RESOLVE,), starts=(CHECK,),
            ),
            Transition(
                "confirm", _("确认"), ("done",), "kept", _CHECKED, by=CONFIRM, never_by=_NEVER, requires=("note",),
                meets=(CHECK, RESOLVE), tells=("handler", "holder"),
            ),
            Transition(
                "rework", _("退回再做"), ("done",), "assigned", _CHECKED, by=CONFIRM, never_by=_NEVER,
                requires=("internal",), meets=(CHECK,), resumes=(RESOLVE,), tells=("handler", "holder"),
            ),
            Transition(
                "drop", _("取消"), ("noted", "assigned", "done"), "dropped", _SHARED, by=MANAGE, parts=("platform",),
                requires=("internal",), stops=(RESOLVE, CHECK), tells=("holder",), danger=True,
            ),
        ),
    )
)  # fmt: skip
