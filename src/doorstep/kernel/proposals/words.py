"""Figures of a plan as people read them: beside today's."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Told:
    """One figure: of the plan and of today; better: True, False, or None where they are alike or have no better."""

    key: str
    name: str
    value: str
    today: str
    better: bool | None
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.better is None:
            return _("和现在一样") if self.value == self.today else ""
        return _("比现在好") if self.better else _("不如现在")
