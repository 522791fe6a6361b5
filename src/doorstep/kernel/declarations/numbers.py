"""Numbers of rules that a package declares in its `numbers.py`: what each means and which values it may have.

The values are rows of the package's own dated model (`key`, `value`, `clause`, a period). One page lists them all and lets a new
value hold from a day on: `kernel/web/numbers`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from doorstep.kernel.shared.dated import Dated

Text = str | Promise
Kind = Literal["whole", "share", "yes", "wholes", "shares", "codes"]
_YES, _NO = {"是", "yes", "true", "1"}, {"否", "no", "false", "0"}
_BETWEEN = re.compile(r"[\s,，、;；/]+")


@dataclass(frozen=True)
class Number:
    """One number.

    kind: whole → int; share → 0 to 1; yes → bool; wholes → `count` ints; shares → `count` shares that make 1; codes → some
    of `choices`. least, most: bounds of each whole number. falling: wholes go down (reminders); otherwise they go up.
    """

    key: str
    name: Text
    unit: Text = ""
    kind: Kind = "whole"
    least: int = 0
    most: int = 1000
    count: int = 0
    falling: bool = False
    choices: Sequence[tuple[str, Text]] = ()

    def read(self, text: str) -> Any:
        """From what somebody wrote to the value. Raises ValueError in the user's words."""
        parts = [part for part in _BETWEEN.split(text.strip()) if part]
        if not parts:
            raise ValueError(_("请填写新的值。"))
        return _READERS[self.kind](self, parts)

    def show(self, value: Any) -> str:
        """The value as it is written."""
        if isinstance(value, bool):
            return _("是") if value else _("否")
        if isinstance(value, list):
            names = dict(self.choices)
            return _("、").join(str(names.get(one, one)) for one in value)
        return str(value)

    @property
    def how(self) -> str:
        """What may be filled in."""
        bounds = {"least": self.least, "most": self.most, "count": self.count}
        match self.kind:
            case "whole":
                return _("%(least)d 到 %(most)d 的整数") % bounds
            case "share":
                return _("0 到 1 的小数，如 0.1")
            case "yes":
                return _("是或否")
            case "wholes":
                return _("%(count)d 个 %(least)d 到 %(most)d 的整数，用顿号分开") % bounds
            case "shares":
                return _("%(count)d 个小数，用顿号分开，合计为 1") % bounds
            case _:
                return _("从这些里选，用顿号分开：%s") % _("、").join(
                    str(name) for _code, name in self.choices
                )


def _whole(number: Number, text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = number.least - 1
    if not number.least <= value <= number.most:
        raise ValueError(_("“%(text)s”不行，要填%(how)s。") % {"text": text[:20], "how": number.how})
    return value


def _share(number: Number, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise ValueError(_("“%(text)s”不行，要填%(how)s。") % {"text": text[:20], "how": number.how})
    return value


def _one(number: Number, parts: list[str]) -> str:
    if len(parts) != 1:
        raise ValueError(_("只填一个值：%s。") % number.how)
    return parts[0]


def _yes(number: Number, parts: list[str]) -> bool:
    word = _one(number, parts).casefold()
    if word not in _YES | _NO:
        raise ValueError(_("请填“是”或“否”。"))
    return word in _YES


def _wholes(number: Number, parts: list[str]) -> list[int]:
    values = [_whole(number, part) for part in parts]
    if len(values) != number.count or len(set(values)) != len(values):
        raise ValueError(_("要填%s，各不相同。") % number.how)
    if values != sorted(values, reverse=number.falling):
        raise ValueError(_("请从大到小填。") if number.falling else _("请从小到大填。"))
    return values


def _shares(number: Number, parts: list[str]) -> list[float]:
    values = [_share(number, part) for part in parts]
    if len(values) != number.count or abs(sum(values) - 1) > 1e-9:
        raise ValueError(_("要填%s。") % number.how)
    return values


def _codes(number: Number, parts: list[str]) -> list[str]:
    known = {str(name): code for code, name in number.choices} | {
        code: code for code, _name in number.choices
    }
    if wrong := [part for part in parts if part not in known]:
        raise ValueError(_("“%(text)s”不行，要填%(how)s。") % {"text": wrong[0][:20], "how": number.how})
    return list(dict.fromkeys(known[part] for part in parts))


_READERS: dict[str, Callable[[Number, list[str]], Any]] = {
    "whole": lambda number, parts: _whole(number, _one(number, parts)),
    "share": lambda number, parts: _share(number, _one(number, parts)),
    "yes": _yes, "wholes": _wholes, "shares": _shares, "codes": _codes,
}  # fmt: skip


@dataclass(frozen=True)
class Numbers:
    """The numbers of one package. `model`: its dated rows of `key`, `value` and `clause`."""

    code: str
    name: Text
    model: type[Dated]
    numbers: tuple[Number, ...]

    def number(self, key: str) -> Number | None:
        return next((one for one in self.numbers if one.key == key), None)


_declared: dict[str, Numbers] = {}


def declare(numbers: Numbers) -> Numbers:
    """Make the numbers of a package known. Raises RuntimeError where it did so before."""
    if numbers.code in _declared:
        raise RuntimeError(f"numbers of {numbers.code} are declared twice")
    _declared[numbers.code] = numbers
    return numbers


def all_numbers() -> list[Numbers]:
    return list(_declared.values())


def numbers_of(code: str) -> Numbers | None:
    return _declared.get(code)
