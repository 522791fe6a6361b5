"""The law of part-time commissioners: five steps, each by somebody else's hand than the one before."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.capabilities import declare as capability
from doorstep.kernel.matters.laws import RESOLVE, RESPOND, Law, State, Transition, declare

_COMMITTEE = ("community_secretary", "community_deputy_secretary", "community_committee_member")

VIEW = capability("nominations.view", posts=("district_officer", "street_officer", *_COMMITTEE))
OPEN = capability("nominations.open", posts=("street_officer", *_COMMITTEE))
SCREEN = capability("nominations.screen", posts=_COMMITTEE)
APPROVE = capability("nominations.approve", posts=("street_officer",))
PUBLISH = capability("nominations.publish", posts=("street_officer", *_COMMITTEE))

_STEPS = _("推荐、筛选、上级审批、聘任、公示五步（大党委兼职委员的一地做法，作参照）")
_OTHER_HANDS = _("筛选、审批由他人来做：谁推荐的不筛选，谁筛选的不审批")
_SEATLESS = _("单位退出共建、席位收回或者到期的，不再公示")
_WILLING = _("兼职委员自愿担任，不占职数，可以随时退出")

LAW = declare(
    Law(
        kind="nomination",
        name=_("兼职委员人选"),
        prefix="JW",
        first="recommended",
        view=VIEW,
        opens=OPEN,
        residents_open=True,  # who acts for the unit; the service asks
        opening=(RESPOND, RESOLVE),
        promises={RESPOND: _("筛选"), RESOLVE: _("聘任并公示")},
        states=(
            State("recommended", _("已推荐，待筛选"), next_step=_("等待社区党组织筛选")),
            State("returned", _("已退回"), next_step=_("等待推荐方补充后再报")),
            State("screened", _("已筛选，待审批"), next_step=_("等待街道党工委审批")),
            State("approved", _("已批准，待聘任"), next_step=_("等待聘任")),
            State("appointed", _("已聘任，待公示"), next_step=_("等待公示")),
            State("publicised", _("已公示"), over=True),
            State("declined", _("未通过"), over=True),
            State("withdrawn", _("已撤回"), over=True),
        ),
        transitions=(
            Transition(
                "screen", _("筛选通过"), ("recommended",), "screened", _OTHER_HANDS, by=SCREEN, never_by=("reporter",),
                requires=("nominee",), takes=("note", "internal"), makes_handler=True, does_the_work=True, meets=(RESPOND,), tells=("reporter", "holder"),
            ),
            Transition(
                "return", _("退回补充"), ("recommended", "screened"), "returned", _OTHER_HANDS, by=SCREEN,
                never_by=("reporter",), requires=("note",), meets=(RESPOND,), tells=("reporter",),
            ),
            Transition(
                "return_up", _("街道退回"), ("screened",), "returned", _OTHER_HANDS, by=APPROVE, never_by=("reporter", "handled"),
                requires=("note",), tells=("reporter", "holder"),
            ),
            Transition(
                "recommend", _("补充后再推荐"), ("returned",), "recommended", _STEPS, parts=("reporter",),
                takes=("note",), starts=(RESPOND,), tells=("holder",),
            ),
            Transition(
                "decline", _("不予通过"), ("recommended", "screened"), "declined", _OTHER_HANDS, by=APPROVE,
                never_by=("reporter", "handled"), requires=("note",), stops=(RESPOND, RESOLVE),
                tells=("reporter", "holder"), danger=True,
            ),
            Transition(
                "approve", _("批准"), ("screened",), "approved", _OTHER_HANDS, by=APPROVE, never_by=("reporter", "handled"),
                requires=("document",), takes=("note",), tells=("reporter", "holder"),
            ),
            Transition(
                "appoint", _("聘任"), ("approved",), "appointed", _STEPS, by=APPROVE, requires=("appointment",), takes=("note",),
                tells=("reporter", "holder"),
            ),
            Transition(
                "publicise", _("公示"), ("appointed",), "publicised", _STEPS, by=PUBLISH, requires=("shown_until",), meets=(RESOLVE,),
                tells=("reporter", "holder"),
            ),
            Transition(
                "withdraw", _("撤回推荐"), ("recommended", "returned", "screened", "approved"), "withdrawn", _WILLING,
                parts=("reporter", "platform"), by=SCREEN, requires=("note",), stops=(RESPOND, RESOLVE), tells=("holder",),
                danger=True,
            ),
            Transition(
                "unseat", _("席位收回"), ("appointed",), "withdrawn", _SEATLESS, parts=("platform",), requires=("note",),
                stops=(RESOLVE,), tells=("reporter", "holder"),
            ),
        ),
    )
)  # fmt: skip
