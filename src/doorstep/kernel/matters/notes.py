"""Lines of any kind's history that change no state. A module that writes others declares them with its law."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.laws import Transition, declare_note
from doorstep.kernel.matters.policies import EXTEND

_EXTENDING = _("延期须经他人批准，并向诉求人说明理由（《北京市接诉即办工作条例》，作参照）")
EXTENSION_ASKED = declare_note(
    Transition(
        "ask_extension", _("申请延期"), (), "", _EXTENDING, parts=("handler", "holder"), requires=("until", "internal"),
    )
)  # fmt: skip
EXTENSION_DECLINED = declare_note(
    Transition(
        "decline_extension", _("没有批准延期"), (), "", _EXTENDING, by=EXTEND, never_by=("handler", "platform"),
        requires=("internal",), tells=("handler",),
    )
)  # fmt: skip
EXTENDED = declare_note(
    Transition(
        "extend", _("延期"), (), "", _EXTENDING,
        by=EXTEND, never_by=("handler", "platform"), requires=("note",), tells=("reporter", "handler"),
    )
)  # fmt: skip
SETTLED = declare_note(
    Transition(
        "settle", _("期限按公布的日历核定"), (), "", _("期限按法定节假日和调休计算（《民法典》第二百零三条）"),
        parts=("platform",), requires=("note",), tells=("reporter", "handler"),
    )
)  # fmt: skip
OVERDUE = declare_note(
    Transition(
        "overdue", _("超期，报上一级"), (), "", _("到期未办结的逐级上报：网格—社区—街道—区（网格化管理流程）"),
        parts=("platform",), requires=("note",),
    )
)  # fmt: skip
SPLIT = declare_note(
    Transition(
        "split", _("拆分"), (), "", _("一件事涉及几个单位的，分别派办，全部办结后结案"), tells=("reporter", "holder"),
    )
)  # fmt: skip
FOLLOWED_GRID = declare_note(
    Transition(
        "follow_grid", _("随网格调整"), (), "", _("网格重新划分以后，没有办结的事随楼栋归到现在的网格（首接负责）"),
        parts=("platform",), requires=("internal",),
    )
)  # fmt: skip
