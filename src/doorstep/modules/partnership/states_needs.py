"""The law of needs, the first of the four lists: collected, screened, published, claimed; from then on a need follows its
project, and nobody says of the need itself that it was met."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.capabilities import declare as capability
from doorstep.kernel.matters.laws import RESOLVE, RESPOND, Law, State, Transition, declare

KIND = "need"
_OFFICES = ("district_officer", "street_officer")
_COMMUNITY = (
    "community_secretary", "community_deputy_secretary", "residents_committee_chair", "community_worker",
)  # fmt: skip

VIEW = capability("partnership.view_needs", posts=(*_OFFICES, *_COMMUNITY, "community_committee_member"))
OPEN = capability("partnership.open_need", posts=(*_OFFICES, *_COMMUNITY, "grid_worker"))
SCREEN = capability("partnership.screen", posts=_COMMUNITY)

_LISTS = _("四个清单：需求经社区审核后发布，由单位认领（共驻共建需求、资源、项目、责任清单）")
_KEPT = _("相同的需求合并，保留原件并告知每位提出人")
_OWN = _("提出人可以在有单位认领以前撤回")
_FOLLOWS = _("需求随项目走：项目到哪一步，需求就到哪一步，不另填报")

LAW = declare(
    Law(
        kind=KIND,
        name=_("共建需求"),
        prefix="XQ",
        first="collected",
        view=VIEW,
        opens=OPEN,
        opening=(RESPOND,),
        promises={RESPOND: _("答复是否列入需求清单"), RESOLVE: _("办成")},
        residents_open=True,
        states=(
            State("collected", _("已收集"), next_step=_("社区审核是否列入需求清单")),
            State("screened", _("已审核"), next_step=_("社区发布后由单位认领")),
            State("published", _("已发布"), next_step=_("等待单位认领")),
            State("claimed", _("已认领"), next_step=_("社区与认领单位商定项目")),
            State("agreed", _("已商定"), next_step=_("责任单位按商定的时间实施")),
            State("running", _("实施中"), next_step=_("责任单位做完后由社区确认")),
            State("delivered", _("已做完，待确认"), next_step=_("由社区确认")),
            State("confirmed", _("社区已确认"), over=True),
            State("rated", _("已评价"), over=True),
            State("declined", _("不列入"), over=True),
            State("joined", _("已并入另一件"), over=True),
            State("withdrawn", _("已撤回"), over=True),
        ),
        transitions=(
            Transition(
                "screen", _("审核通过"), ("collected",), "screened", _LISTS, by=SCREEN, requires=("note", "resource_class"),
                makes_handler=True, meets=(RESPOND,), tells=("reporter",),
            ),
            Transition(
                "publish", _("发布"), ("screened",), "published", _LISTS, by=SCREEN, requires=("resource_class",),
                takes=("note",), tells=("reporter",),
            ),
            Transition(
                "decline", _("不列入"), ("collected", "screened", "published"), "declined", _LISTS, by=SCREEN,
                requires=("note",), stops=(RESPOND,), tells=("reporter",), danger=True,
            ),
            Transition(
                "withdraw", _("撤回"), ("collected", "screened", "published"), "withdrawn", _OWN, parts=("reporter",),
                takes=("note",), stops=(RESPOND,), tells=("holder",), danger=True,
            ),
            Transition(
                "merge", _("合并"), ("collected", "screened", "published"), "joined", _KEPT, by=SCREEN,
                requires=("main_id",), takes=("internal",), stops=(RESPOND,), tells=("reporter",), links=True,
            ),
            Transition(
                "unmerge", _("取消合并"), ("joined",), "collected", _KEPT, by=SCREEN, requires=("internal",),
                starts=(RESPOND,), tells=("reporter",), links=True,
            ),
            Transition(
                "claim", _("单位认领"), ("published",), "claimed", _FOLLOWS, parts=("platform",), requires=("unit",),
                tells=("reporter", "holder"),
            ),
            Transition(
                "unclaim", _("认领撤回"), ("claimed",), "published", _FOLLOWS, parts=("platform",), requires=("unit",),
                tells=("holder",),
            ),
            Transition(
                "agree", _("商定项目"), ("published", "claimed"), "agreed", _FOLLOWS, by=SCREEN,
                requires=("project", "unit"), starts=(RESOLVE,), ends=(RESOLVE,), tells=("reporter",),
            ),
            Transition(
                "run", _("项目开始"), ("agreed",), "running", _FOLLOWS, parts=("platform",), requires=("project",),
                tells=("reporter",),
            ),
            Transition(
                "deliver", _("项目做完"), ("running",), "delivered", _FOLLOWS, parts=("platform",), requires=("project",),
            ),
            Transition(
                "redo", _("项目返工"), ("delivered",), "running", _FOLLOWS, parts=("platform",), requires=("project",),
            ),
            Transition(
                "release", _("项目中止，重新发布"), ("agreed", "running"), "published", _FOLLOWS, parts=("platform",),
                requires=("project",), stops=(RESOLVE,), tells=("reporter", "holder"),
            ),
            Transition(
                "confirm", _("社区确认"), ("delivered",), "confirmed", _FOLLOWS, parts=("platform",),
                requires=("project", "note"), meets=(RESOLVE,), tells=("reporter",),
            ),
            Transition(
                "rate", _("受益人评价"), ("confirmed",), "rated", _FOLLOWS, parts=("platform",), requires=("project",),
            ),
        ),
    )
)  # fmt: skip
