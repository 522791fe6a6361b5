"""A plan's figures as people read them, beside today's, with how much better any plan could be; and a group explained in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.proposals.words import Told
from doorstep.modules.chain import group_instances as instances
from doorstep.modules.chain.group_instances import Ground, Labels

MOST_MOVES = 6


def told(figures: Mapping[str, Any], today: Mapping[str, Any], minimum: int) -> list[Told]:
    """The figures beside the map, the most important first."""
    broken = figures.get("pins_broken", 0)
    return [
        Told(
            "groups", _("小组"), _("%d 个") % figures["groups"], _("%d 个") % today["groups"],
            None,
        ),
        _counted("without", _("没有小组的楼"), figures, today, _("%d 栋")),
        _counted("under", _("不足%d人的小组") % minimum, figures, today, _("%d 个"), _unavoidable(figures)),
        _counted("broken", _("楼栋不相邻的小组"), figures, today, _("%d 个")),
        *([Told("pins_broken", _("没有做到的要求"), _("%d 项") % broken, "", False, _("需要留意"))] if broken else []),
        _largest(figures, today),
        Told(
            "moved", _("要换小组的楼"), _("%d 栋") % figures["moved"], "", None,
            _("另有%d栋现在没有小组") % figures["joining"] if figures["joining"] else "",
        ),
    ]  # fmt: skip


def _counted(
    key: str, name: str, figures: Mapping[str, Any], today: Mapping[str, Any], words: str, note: str = ""
) -> Told:
    better = None if figures[key] == today[key] else figures[key] < today[key]
    return Told(key, name, words % figures[key], words % today[key], better, note)


def _unavoidable(figures: Mapping[str, Any]) -> str:
    count = figures["unavoidable"]
    return _("其中%d个孤零零的，怎么分也凑不够") % count if count else ""


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share * 100:.0f}%"


def _largest(figures: Mapping[str, Any], today: Mapping[str, Any]) -> Told:
    """The largest group against the mean of its branch, with what no plan can beat."""
    value, before = _percent(figures["largest_to_mean"]), _percent(today["largest_to_mean"])
    alike = figures["groups"] == today["groups"] and not today["without"]  # else they are of different groups
    better = figures["largest_to_mean"] < today["largest_to_mean"] if alike and value != before else None
    note = ""
    if figures["gap"] is not None:
        more = round(figures["gap"] * 100)
        note = (
            _("还能好多少：组数不变，再怎么分也不会低于%(floor)s，最多再降%(more)d个百分点")
            % {"floor": _percent(figures["least_to_mean"]), "more": more}
            if more > 0
            else _("已经不可能更均匀")
        )
    return Told("largest", _("最大的小组是平均的"), value, before if alike else "", better, note)


def sizes(groups: list[tuple[str, int, bool]], minimum: int) -> dict[str, Any]:
    """The chart of members by group (name, members, below the minimum), the largest first."""
    ordered = sorted(groups, key=lambda one: -one[1])
    return {
        "kind": "bar", "labels": [name for name, _members, _below in ordered], "unit": "",
        "series": [{"name": _("正式党员"), "values": [members for _name, members, _below in ordered]}],
        "description": _("每个小组的正式党员，从多到少；横线是每组至少的人数"),
        "mark": {"at": minimum, "name": _("至少")},
    }  # fmt: skip


def explanation(ground: Ground, labels: Labels, number: int) -> list[str]:
    """Why a group of the plan is as it is, in sentences."""
    found = instances.explained(ground, labels, number)
    names = ground.called(labels)
    at = {house.id: place for place, house in enumerate(ground.houses)}
    own = [at[int(pk)] for pk in found.buildings]
    households = sum(ground.houses[place].households for place in own)
    guessed = sum(ground.counted[place].estimated for place in own)
    minimum = ground.instance.minimum
    lines = [
        _("%(buildings)d栋楼，%(households)d户，%(members)d名正式党员。")
        % {"buildings": len(own), "households": households, "members": found.members},
    ]
    if guessed:
        lines.append(
            _("其中%d栋的人数是估算：还没有逐栋统计，按党支部最近登记的人数和各楼户数分摊。登记以后会更准。")
            % guessed
        )
    lines.append(_of_piece(found, minimum, ground.metres))
    lines.append(
        _("这一片最大的小组至少要有%(least)d人：%(members)d名党员分%(groups)d个组，再怎么分也不会更少。")
        % {"least": found.least, "members": found.piece_members, "groups": found.piece_groups}
    )
    if found.neighbours:
        lines.append(
            _("相邻的小组：%s。") % "、".join(names.get(one, "") for one, _pairs in found.neighbours)
        )
    return [*lines, *_refused(ground, found, names, minimum)]


def _of_piece(found: Any, minimum: int, metres: int) -> str:
    """What the buildings that hang together allow."""
    words = {
        "metres": metres, "buildings": found.piece_buildings, "members": found.piece_members, "minimum": minimum,
        "groups": found.piece_groups, "most": found.most,
    }  # fmt: skip
    if found.piece_members < minimum:
        return (
            _(
                "这里%(buildings)d栋楼和本支部其他的楼相距超过%(metres)d米，一共%(members)d名党员，凑不够%(minimum)d人，只能单独成组。"
            )
            % words
        )
    if found.most == found.ceiling:
        return (
            _(
                "彼此相邻（不超过%(metres)d米）的%(buildings)d栋楼共%(members)d名党员，每组至少%(minimum)d人，最多能分%(most)d个组，现在分%(groups)d个。"
            )
            % words
        )
    return (
        _(
            "彼此相邻（不超过%(metres)d米）的%(buildings)d栋楼共%(members)d名党员，每组至少%(minimum)d人，已找到能分%(most)d个组的办法，现在分%(groups)d个。"
        )
        % words
    )


def _refused(ground: Ground, found: Any, names: Mapping[int, str], minimum: int) -> list[str]:
    """What was looked at and why it was not done, the plainest first."""
    called = {house.id: house.called for house in ground.houses}
    sentences = {
        "pinned": _("“%(building)s”没有划给“%(group)s”：有要求定了它在哪里、和谁一起或分开。"),
        "torn": _("“%(building)s”没有划给“%(group)s”：划走以后，本组的楼就不再彼此相邻。"),
        "short": _("“%(building)s”没有划给“%(group)s”：划走以后，本组只剩%(left)d人，不足%(minimum)d人。"),
        "uneven": _("“%(building)s”没有划给“%(group)s”：那样本组%(left)d人、那一组%(there)d人，更不均匀。"),
        "possible": _("“%(building)s”也可以划给“%(group)s”：那样本组%(left)d人、那一组%(there)d人。"),
    }
    order = {"pinned": 0, "short": 1, "torn": 2, "uneven": 3, "possible": 4}
    moves = sorted(found.moves, key=lambda move: order[move.why])
    return [
        sentences[move.why]
        % {
            "building": called[int(move.building)], "group": names.get(move.group, ""), "left": move.left,
            "there": move.there, "minimum": minimum,
        }
        for move in moves[:MOST_MOVES]
    ]  # fmt: skip
