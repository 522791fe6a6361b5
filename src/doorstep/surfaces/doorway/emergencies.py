"""Words that say somebody is in danger, and whom to call before anything is written. A plain list anybody can check."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FIRE = ("着火", "起火", "失火", "火灾", "浓烟", "爆炸", "燃气泄漏", "煤气泄漏", "漏煤气", "煤气味", "臭鸡蛋味", "电梯困人",
        "困在电梯", "关在电梯", "被困", "坍塌", "塌了", "倒塌")  # fmt: skip
POLICE = ("持刀", "拿刀", "打人", "打架", "斗殴", "抢劫", "抢东西", "正在偷", "入室", "家暴", "家庭暴力", "杀人", "要跳楼",
          "跳楼", "轻生", "自杀", "不想活", "走失", "走丢", "失踪", "绑架", "喊救命")  # fmt: skip
MEDICAL = ("晕倒", "昏迷", "昏倒", "没有呼吸", "没呼吸", "不省人事", "流血", "心梗", "中风", "抽搐", "中毒", "触电", "溺水",
           "落水", "坠楼", "摔伤", "受伤", "砸伤")  # fmt: skip


@dataclass(frozen=True)
class Emergency:
    """A number to call, what it is for, and the words that point to it."""

    number: str
    name: str | Promise
    words: tuple[str, ...]


ALL = (
    Emergency("119", _("火灾、燃气泄漏、被困"), FIRE),
    Emergency("110", _("有人正在受侵害，或者走失"), POLICE),
    Emergency("120", _("有人受伤或突发急病"), MEDICAL),
)


def in_words(text: str) -> list[Emergency]:
    """Whom to call, by what the text says."""
    return [each for each in ALL if any(word in text for word in each.words)]


def for_scripts() -> list[dict[str, object]]:
    """The same list for a phone without a network."""
    return [{"number": each.number, "name": str(each.name), "words": list(each.words)} for each in ALL]
