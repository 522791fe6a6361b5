"""The law of requests: from the doorstep to closed. Each row says who may, from where to where, and on what ground."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.capabilities import declare as capability
from doorstep.kernel.matters.laws import (
    ANSWER,
    CHECK,
    RESOLVE,
    RESPOND,
    RESUME,
    Law,
    State,
    Transition,
    declare,
    declare_note,
)
from doorstep.modules.requests import states_whistle  # noqa: F401  a second law, declared by being imported

_COMMUNITY = (
    "community_secretary", "community_deputy_secretary", "residents_committee_chair", "community_worker",
)  # fmt: skip
_OFFICES = ("district_officer", "street_officer", *_COMMUNITY)

VIEW = capability("requests.view", posts=(*_OFFICES, "grid_worker", "hotline_officer"))
OPEN = capability("requests.open", posts=(*_OFFICES, "grid_worker", "hotline_officer"))
DISPATCH = capability("requests.dispatch", posts=_OFFICES)
VERIFY = capability("requests.verify", posts=_OFFICES)
ON_THE_SPOT = capability("requests.on_the_spot", posts=("grid_worker", "community_worker"))
CALL_BACK = capability("requests.call_back", posts=("district_officer", "hotline_officer", "street_officer"))
SPOT_CHECK = capability("requests.spot_check", posts=("street_officer", *_COMMUNITY))

_FIRST_RECEIVER = _("首接负责：有人接办之前，先接到的单位负责（《北京市接诉即办工作条例》第十三条，作参照）")
_GRID_LAW = _("网格事件：就地解决，不能解决的上报（《滨州市社会治理网格化服务管理条例》第十三条，作参照）")
_FLOW = _("受理—立案—派遣—处置—核查—结案（网格化管理流程）")
_LAST_WORD = _("报告人最后说了算：不满意可要求重办")
_CHECKED = _("核实人不得是办理人")
_PAUSED = _("暂停须告知报告人原因和到哪一天为止，不得超过规定的最长时间")
_LOOKED_AT = _("当场办结、没有报告人可问的，每月抽查，由登记人以外的人去看")
_RIGHT_PLACE = _("地点报错的由派办人更正，由那里的首接单位接办（首接负责）")
_RIGHT_ITEM = _("事项由派办人改定：公开范围只紧不松，紧急程度只升不降，已作出的期限承诺不变（首接负责）")
_MISPLACED = ("reported", "dispatched", "returned", "objected", "in_progress")

LAW = declare(
    Law(
        kind="request",
        name=_("诉求"),
        prefix="QS",
        first="reported",
        view=VIEW,
        opens=OPEN,
        promises={RESPOND: _("联系报告人")},
        opening=(RESPOND, RESOLVE),
        residents_open=True,
        strangers_open=True,
        states=(
            State("reported", _("已上报"), next_step=_("等待接办")),
            State("dispatched", _("已派办"), next_step=_("等待接办单位确认")),
            State("returned", _("已退回"), next_step=_("派办人将另行安排")),
            State("objected", _("对派办有异议"), next_step=_("派办人将裁定由谁办")),
            State("in_progress", _("办理中"), next_step=_("办完后由他人核实")),
            State("suspended", _("已暂停"), next_step=_("条件具备后继续办理")),
            State("handled", _("已办，待核实"), next_step=_("由他人核实后答复")),
            State("reopening_asked", _("要求重办"), next_step=_("将答复是否重办")),
            State("closed", _("已结案"), over=True),
            State("rejected", _("不予受理"), over=True),
            State("merged", _("已并入另一件"), over=True),
            State("withdrawn", _("已撤回"), over=True),
        ),
        transitions=(
            Transition(
                "accept", _("接办"), ("reported", "dispatched"), "in_progress", _FIRST_RECEIVER,
                parts=("asked", "holder"), takes=("note",), takes_over=True, makes_handler=True, meets=(RESPOND,),
                tells=("reporter",),
            ),
            Transition(
                "on_the_spot", _("当场办结"), ("reported",), "closed", _GRID_LAW, by=ON_THE_SPOT, parts=("holder",),
                requires=("note",), makes_handler=True, does_the_work=True, meets=(RESPOND, RESOLVE), tells=("reporter",),
            ),
            Transition(
                "reject", _("不予受理"), ("reported", "returned"), "rejected", _("不属受理范围的说明去处"), by=DISPATCH,
                requires=("note",), stops=(RESPOND, RESOLVE), tells=("reporter",), danger=True,
            ),
            Transition(
                "withdraw", _("撤回"), ("reported",), "withdrawn", _LAST_WORD, parts=("reporter",), takes=("note",),
                stops=(RESPOND, RESOLVE), tells=("holder",), danger=True,
            ),
            Transition(
                "dispatch", _("派办"), ("reported", "returned", "objected", "in_progress"), "dispatched", _FLOW,
                by=DISPATCH, never_by=("asked",), requires=("unit_id",), takes=("person_id", "note", "internal"), asks=True, tells=("asked",),
            ),
            Transition(
                "relocate", _("改到别处"), _MISPLACED, "dispatched", _RIGHT_PLACE, by=DISPATCH, never_by=("asked",),
                requires=("place_code", "unit_id", "internal"), takes=("note",), asks=True, tells=("asked", "reporter"),
            ),
            Transition(
                "correct_place", _("更正地点"), _MISPLACED, "", _RIGHT_PLACE, by=DISPATCH,
                requires=("place_code", "internal"), takes=("note",), tells=("reporter",),
            ),
            Transition(
                "raise", _("上报上一级"), ("reported", "in_progress"), "dispatched", _GRID_LAW, parts=("holder",),
                requires=("unit_id", "internal"), asks=True, tells=("asked", "reporter"),
            ),
            Transition(
                "return", _("退回"), ("dispatched",), "returned", _("退回须说明理由，一个单位只限一次"), parts=("asked",),
                requires=("internal",), refuses=True, at_most=1, tells=("holder",),
            ),
            Transition(
                "object", _("提出异议"), ("dispatched",), "objected", _("对派办有异议的，由派办人审核"), parts=("asked",),
                requires=("internal",), at_most=1, tells=("holder",),
            ),
            Transition(
                "confirm", _("维持派办"), ("objected",), "dispatched", _("对派办有异议的，由派办人审核"), by=DISPATCH,
                never_by=("asked",), requires=("internal",), tells=("asked",),
            ),
            Transition(
                "suspend", _("暂停"), ("in_progress",), "suspended", _PAUSED, parts=("holder",),
                requires=("until", "note"), pauses=(RESOLVE,), starts=(RESUME,), tells=("reporter",),
            ),
            Transition(
                "resume", _("继续办理"), ("suspended",), "in_progress", _FLOW, by=DISPATCH, parts=("holder",),
                takes=("note",), meets=(RESUME,), resumes=(RESOLVE,), tells=("reporter",),
            ),
            Transition(
                "hand_over", _("移交"), ("reported", "dispatched", "returned", "objected", "in_progress", "suspended"), "",
                _("离岗前移交未结事项"), by=DISPATCH,
                parts=("holder",), requires=("person_id",), takes=("internal",), tells=("handler",),
            ),
            Transition(
                "handle", _("办完"), ("in_progress",), "handled", _FLOW, parts=("holder", "handler"),
                requires=("note",), takes=("internal",), makes_handler=True, does_the_work=True, meets=(RESPOND,),
                pauses=(RESOLVE,), starts=(CHECK,),
            ),
            Transition(
                "verify", _("核实并答复"), ("handled",), "closed", _CHECKED, by=VERIFY, never_by=("handler", "handled"),
                requires=("note",), meets=(CHECK, RESOLVE), tells=("reporter", "handler"),
            ),
            Transition(
                "rework", _("退回重做"), ("handled",), "in_progress", _CHECKED, by=VERIFY, never_by=("handler", "handled"),
                requires=("internal",), meets=(CHECK,), resumes=(RESOLVE,), tells=("handler",),
            ),
            Transition(
                "merge", _("并案"), ("reported", "dispatched", "returned", "in_progress"), "merged",
                _("重复的保留原件并告知每位报告人"), by=DISPATCH, requires=("main_id",), takes=("internal",),
                stops=(RESPOND, RESOLVE), tells=("reporter",), links=True,
            ),
            Transition(
                "unmerge", _("取消并案"), ("merged",), "reported", _("重复的保留原件并告知每位报告人"), by=DISPATCH,
                requires=("internal",), starts=(RESPOND, RESOLVE), tells=("reporter", "holder"), links=True,
            ),
            Transition(
                "ask_reopen", _("要求重办"), ("closed",), "reopening_asked", _LAST_WORD, by=CALL_BACK,
                parts=("reporter",), requires=("note",), starts=(ANSWER,), tells=("holder",),
            ),
            Transition(
                "find_undone", _("抽查没有办好"), ("closed",), "reopening_asked", _LOOKED_AT, by=SPOT_CHECK,
                never_by=("handler", "handled"), requires=("spot_check", "internal"), starts=(ANSWER,), tells=("holder",),
            ),
            Transition(
                "reopen", _("同意重办"), ("reopening_asked",), "in_progress", _LAST_WORD, by=VERIFY,
                never_by=("handler", "handled"), requires=("note",), meets=(ANSWER, RESPOND), starts=(RESOLVE,),
                tells=("reporter", "handler"),
            ),
            Transition(
                "decline_reopen", _("答复不重办"), ("reopening_asked",), "closed", _LAST_WORD, by=VERIFY,
                never_by=("handler", "handled"), requires=("note",), meets=(ANSWER, RESPOND), tells=("reporter",),
            ),
        ),
    )
)  # fmt: skip

ITEM_CHANGED = declare_note(
    Transition(
        "change_item", _("改定事项"), (), "", _RIGHT_ITEM, by=DISPATCH, requires=("internal",), tells=("handler",),
    )
)  # fmt: skip
SEALED_WITH = declare_note(
    Transition(
        "seal", _("改为当事人可见"), (), "", _("由一件当事人可见的诉求而来的，也只有当事人可见"), parts=("platform",),
        requires=("internal",),
    )
)  # fmt: skip
