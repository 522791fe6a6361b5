"""The law of wishes: from a resident's small wish or difficulty, by somebody who reported in, to the word of the person helped.

Nobody but the person helped says that it is done; where that person has no phone, somebody of the community who is not the
one that did it asks them and says so.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.capabilities import declare as capability
from doorstep.kernel.matters.categories import name_categories
from doorstep.kernel.matters.laws import CHECK, RESOLVE, RESPOND, Law, State, Transition, declare

KIND = "wish"
SMALL, DIFFICULTY = "wish", "difficulty"
CATEGORIES = [(SMALL, _("微心愿")), (DIFFICULTY, _("实际困难"))]
_OFFICES = ("district_officer", "street_officer")
_COMMUNITY = (
    "community_secretary", "community_deputy_secretary", "residents_committee_chair", "community_worker",
)  # fmt: skip

VIEW = capability("vanguard.view_wishes", posts=(*_OFFICES, *_COMMUNITY, "grid_worker"))
COLLECT = capability("vanguard.collect_wishes", posts=(*_COMMUNITY, "grid_worker"))
PUBLISH = capability("vanguard.publish_wishes", posts=_COMMUNITY)
CONFIRM = capability("vanguard.confirm_wishes", posts=_COMMUNITY)

_COLLECTED = _("社区收集微心愿和实际困难，公布给报到的在职党员认领（“双报到”做法）")
_FREE = _("认领和退回都出于自愿，不记名次（《志愿服务条例》第二条，作参照）")
_LAST_WORD = _("办没办成，由受助人说了算")
_NO_PHONE = _("受助人不用手机的，由没有经办的社区人员问过本人后代为确认")

LAW = declare(
    Law(
        kind=KIND,
        name=_("心愿"),
        prefix="XY",
        first="collected",
        view=VIEW,
        opens=COLLECT,
        opening=(RESPOND,),
        promises={RESPOND: _("社区答复能不能公布"), RESOLVE: _("办成"), CHECK: _("受助人确认")},
        residents_open=True,
        states=(
            State("collected", _("已收集"), next_step=_("社区看过后公布")),
            State("published", _("等人认领"), next_step=_("报到的在职党员认领")),
            State("claimed", _("已认领"), next_step=_("认领人办好后，由受助人确认")),
            State("served", _("已办，等本人确认"), next_step=_("受助人确认办成了没有")),
            State("closed", _("已办成"), over=True),
            State("declined", _("没有公布"), over=True),
            State("withdrawn", _("已撤回"), over=True),
        ),
        transitions=(
            Transition(
                "publish", _("公布"), ("collected",), "published", _COLLECTED, by=PUBLISH, takes=("note",),
                meets=(RESPOND,), tells=("reporter",),
            ),
            Transition(
                "decline", _("不公布"), ("collected", "published"), "declined", _COLLECTED, by=PUBLISH,
                requires=("note",), stops=(RESPOND,), tells=("reporter",), danger=True,
            ),
            Transition(
                "withdraw", _("撤回"), ("collected", "published"), "withdrawn", _LAST_WORD, parts=("reporter",),
                takes=("note",), stops=(RESPOND,), tells=("holder",), danger=True,
            ),
            Transition(
                "claim", _("认领"), ("published",), "claimed", _FREE, never_by=("reporter",), offered=True, takes=("note",),
                makes_handler=True, starts=(RESOLVE,), tells=("reporter", "holder"),
            ),
            Transition(
                "give_back", _("退回认领"), ("claimed",), "published", _FREE, parts=("handler",), takes=("note",),
                frees_handler=True, stops=(RESOLVE,), tells=("reporter", "holder"),
            ),
            Transition(
                "release", _("另请人认领"), ("claimed",), "published", _COLLECTED, by=PUBLISH, requires=("internal",),
                frees_handler=True, stops=(RESOLVE,), tells=("handler", "reporter"),
            ),
            Transition(
                "serve", _("办好了"), ("claimed",), "served", _LAST_WORD, parts=("handler",), requires=("note",),
                does_the_work=True, pauses=(RESOLVE,), starts=(CHECK,), tells=("reporter", "holder"),
            ),
            Transition(
                "confirm", _("确认办成了"), ("served",), "closed", _LAST_WORD, parts=("reporter",),
                takes=("note",), meets=(CHECK, RESOLVE), tells=("handler", "holder"),
            ),
            Transition(
                "confirm_for", _("代本人确认"), ("served",), "closed", _NO_PHONE, by=CONFIRM, never_by=("handler", "handled"),
                requires=("asked_how", "internal"), meets=(CHECK, RESOLVE), tells=("handler",),
            ),
            Transition(
                "not_yet", _("还没办好"), ("served",), "claimed", _LAST_WORD, parts=("reporter",), requires=("note",),
                meets=(CHECK,), resumes=(RESOLVE,), tells=("handler", "holder"),
            ),
            Transition(
                "not_yet_for", _("问过本人，还没办好"), ("served",), "claimed", _NO_PHONE, by=CONFIRM, never_by=("handler", "handled"),
                requires=("asked_how", "internal"), meets=(CHECK,), resumes=(RESOLVE,), tells=("handler",),
            ),
        ),
    )
)  # fmt: skip
name_categories(KIND, CATEGORIES)
