"""The four chapters of the programme, in which the cockpit arranges its figures."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Chapter:
    """A chapter; an indicator belongs to it by the first character of its `chapter`."""

    number: str
    title: Promise
    about: Promise


CHAPTERS = (
    Chapter("1", _("组织引领"), _("四级链条、融合党建、覆盖提升")),
    Chapter("2", _("队伍赋能"), _("社区头雁、党员先锋、志愿服务")),
    Chapter("3", _("服务群众"), _("网格精治、物业共治、楼院自治")),
    Chapter("4", _("基础保障"), _("党群阵地、减负准入、后备与经费")),
)
