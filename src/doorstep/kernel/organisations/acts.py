"""What is done to units and appointments, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.acts import name_acts

name_acts(
    {
        "organisations.founded": _("成立"),
        "organisations.adjusted": _("调整"),
        "organisations.dissolved": _("撤销"),
        "organisations.merged": _("并入其他单位"),
        "organisations.split": _("拆分"),
        "organisations.appointed": _("任命"),
        "organisations.substituted": _("安排代理"),
        "organisations.appointment_extended": _("延长任职"),
        "organisations.appointment_ended": _("离任"),
        "organisations.appointment_withdrawn": _("撤回任命"),
    }
)
