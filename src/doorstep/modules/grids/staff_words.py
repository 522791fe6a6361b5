"""A plan of workers in sentences: its figures beside today's, and why somebody has these grids and no others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.proposals.words import Told
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.grids.models import StaffPlan
from doorstep.modules.grids.plan_words import percent
from doorstep.modules.grids.selectors_staffing import names_shown
from doorstep.modules.grids.staff_figures import held_by, loads_of
from doorstep.modules.grids.staff_ground import Holders, Share, StaffGround, ground_of, holders_of

MOST_OTHERS = 6
ALIKE = 0.005  # of the mean: nobody feels it


def told(figures: Mapping[str, Any], today: Mapping[str, Any]) -> list[Told]:
    """The figures beside the map."""
    value, before = percent(figures["heaviest"]), percent(today.get("heaviest", figures["heaviest"]))
    better = None if value == before else figures["heaviest"] < today["heaviest"]
    rows = [
        Told("heaviest", _("担子最重的是平均的"), value, before, better, _room(figures)),
        Told(
            "changed", _("换网格员的网格"), _("%d 个") % figures["changed"], "", None,
            _("涉及 %d 名网格员") % figures["persons"],
        ),
    ]  # fmt: skip
    for key, name in (
        ("without", _("没有网格员的网格")), ("idle", _("没有网格的网格员")), ("apart", _("网格不相邻或者超过两个的人")),
    ):  # fmt: skip
        if figures[key] or today.get(key):
            value, before = str(figures[key]), str(today.get(key, 0))
            better = None if value == before else figures[key] < today.get(key, 0)
            rows.append(Told(key, name, value, before, better))
    return rows


def _room(figures: Mapping[str, Any]) -> str:
    more = round((figures["heaviest"] - figures["least"]) * 100)
    if not figures["least"]:
        return ""
    if more <= 0:
        return _("照现在的网格，不可能更均匀")
    return _("照现在的网格，再怎么分也不会低于 %(floor)s，最多再降 %(more)d 个百分点") % {
        "floor": percent(figures["least"]), "more": more,
    }  # fmt: skip


def explanation(actor: Actor, plan: StaffPlan, worker: int) -> list[str]:
    """Why a worker (appointment) has these grids, and what other ways there are. Raises RuleViolation for who is not in the plan."""
    if worker not in plan.workers or plan.current is None:
        raise RuleViolation(_("方案里没有这名网格员。"), field="worker")
    ground, holders = ground_of(plan), plan.current.holders
    return _Reasons(ground, holders, names_shown(actor, plan), worker).told()


class _Reasons:
    def __init__(self, ground: StaffGround, holders: Holders, called: Mapping[int, str], worker: int) -> None:
        self.ground, self.holders, self.called, self.worker = ground, holders, called, worker
        at = ground.plan.workers.index(worker)
        self.share: Share = next(share for share in ground.shares if at in share.workers)
        self.held = held_by(holders)
        self.mine = self.held.get(worker, [])
        self.load = loads_of(ground, holders)
        whole = sum(ground.load[one] for one in self.share.grids)
        self.mean = whole / len(self.share.workers) or 1.0

    def name(self, at: int) -> str:
        code = self.ground.plan.grids[at]
        return f"“{self.ground.names.get(code, code)}”"

    def told(self) -> list[str]:
        if not self.mine:
            return [_("这名网格员在方案里没有网格。")]
        return [self._work(), *self._beside(), *self._kept(), *self._pins(), *self._others()]

    def _work(self) -> str:
        names = "、".join(self.name(at) for at in self.mine)
        return _("负责%(grids)s，工作量合 %(load)d 户普通人家，是本社区网格员平均的 %(share)s。") % {
            "grids": names, "load": round(self.load[self.worker]), "share": percent(self.load[self.worker] / self.mean),
        }  # fmt: skip

    def _beside(self) -> list[str]:
        if len(self.mine) < 2:
            return []
        if self.ground.adjacent(*self.mine[:2]):
            return [_("两个网格相邻，走得到一起。")]
        return [_("两个网格不相邻。")]

    def _kept(self) -> list[str]:
        today = holders_of(self.ground.plan.grids, self.ground.plan.today)
        kept = [at for at in self.mine if today[at] == self.worker]
        new = [at for at in self.mine if today[at] != self.worker]
        lines = []
        if kept:
            lines.append(_("%s现在就由其负责，继续不变。") % "、".join(self.name(at) for at in kept))
        for at in new:
            before = today[at]
            who = self.called.get(before, "") if before is not None else ""
            lines.append(
                _("%(grid)s现在由%(who)s负责，改由其负责。") % {"grid": self.name(at), "who": who}
                if who
                else _("%s现在没有网格员，由其接手。") % self.name(at)
            )
        return lines

    def _pins(self) -> list[str]:
        kinds = {"hold": _("%s是定给这个人的。"), "wish": _("%s是这个人愿意管的。")}
        grids = {self.ground.plan.grids[at]: at for at in self.mine}
        return [
            kinds[pin.kind] % self.name(grids[pin.grid])
            for pin in self.ground.pins
            if pin.worker == self.worker and pin.grid in grids
        ]

    def _others(self) -> list[str]:
        """What it would be like with a grid beside theirs, and why not."""
        around = [
            at
            for at in self.share.grids
            if at not in self.mine and any(self.ground.adjacent(at, own) for own in self.mine)
        ]
        return [self._why_not(at) for at in around[:MOST_OTHERS]]

    def _why_not(self, at: int) -> str:
        other = self.holders[at]
        words = {"grid": self.name(at), "who": self.called.get(other or 0, "")}
        if other is None:
            return _("旁边的%(grid)s没有网格员。") % words
        if len(self.mine) > 1:
            return _("旁边的%(grid)s由%(who)s负责；再加上它就有三个网格，超过每人两个。") % words
        heavier = self.load[self.worker] + self.ground.load[at]
        if len(self.held[other]) < 2:
            return _("旁边的%(grid)s由%(who)s负责；拿走它，那个人就没有网格了。") % words
        words |= {"share": percent(heavier / self.mean)}
        if heavier > max(self._of_share()) + ALIKE * self.mean:
            return (
                _("旁边的%(grid)s由%(who)s负责；归到这里，这个人会是平均的 %(share)s，成为最重的。") % words
            )
        return (
            _("旁边的%(grid)s由%(who)s负责；归到这里，这个人会是平均的 %(share)s，换人多而不更均匀。") % words
        )

    def _of_share(self) -> list[float]:
        return [self.load.get(self.ground.plan.workers[at], 0.0) for at in self.share.workers]
