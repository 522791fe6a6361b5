"""Files and fields of the JSON forms, each refused by its place when it is not what it should be."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from doorstep.planning.errors import Refused

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Row = Mapping[str, Any]
Name = int | str

MEGABYTES = 64  # about 400,000 buildings
FARTHEST = 1e7  # metres from the origin: squares of it still add up exactly enough
MOST = 10**9
WIDEST = 2**62  # of whole numbers without a bound of their own


def loaded(path: Path | str) -> Any:
    """What a JSON file of at most 64 MB holds. Refused when it cannot be read, is larger or no JSON."""
    path = Path(path)
    try:
        size = path.stat().st_size
        text = "" if size > MEGABYTES * 1_000_000 else path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Refused(f"读不到文件{path.name}（{error.strerror}），请检查路径和权限。") from error
    except UnicodeDecodeError as error:
        raise Refused(
            f"文件{path.name}不是UTF-8文本（第{error.start}字节），请另存为UTF-8编码的JSON。"
        ) from error
    if size > MEGABYTES * 1_000_000:
        raise Refused(
            f"文件{path.name}有{size / 1e6:.0f} MB，超过{MEGABYTES} MB（约四十万栋楼），请按街道拆开后分别规划。"
        )
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Refused(
            f"文件{path.name}第{error.lineno}行第{error.colno}列起不是JSON，请重新导出。"
        ) from error
    except (RecursionError, ValueError) as error:  # brackets too deep; a number of thousands of digits
        raise Refused(f"文件{path.name}括号嵌套过深或数字过长，不是规划用的JSON，请重新导出。") from error


def form_of(form: Any, fields: str = "") -> Row:
    """The outermost object. Refused when it is none, saying which `fields` it should have."""
    if not isinstance(form, Mapping):
        having = f"含{fields}各项，" if fields else ""
        raise Refused(f"最外层应是一个对象，{having}请对照格式检查文件。")
    return form


def rows(form: Row, name: str, most: int) -> Sequence[Row]:
    """A list of 1 to `most` objects."""
    found = form.get(name)
    if not isinstance(found, list) or not found:
        raise Refused(f"缺少{name}，或它不是一个有内容的列表，请按格式补上。")
    if len(found) > most:
        raise Refused(f"{name}有{len(found)}项，超过{most}项，请按街道拆开后分别规划。")
    for at, row in enumerate(found):
        if not isinstance(row, Mapping):
            raise Refused(f"{name}第{at + 1}项不是一个对象，请改正。")
    return found


def names_of(listed: Sequence[Row], where: str) -> dict[Name, int]:
    """Each row's `id` (a whole number or a short text) and its place. Refused when one stands twice."""
    places: dict[Name, int] = {}
    for at, row in enumerate(listed):
        name = row.get("id")
        if name is None or not is_name(name):
            raise Refused(
                f"{where}第{at + 1}项的id应是整数或不超过100字的文字，现在是{shown(name)}，请改正。"
            )
        if name in places:
            raise Refused(
                f"{where}里编号{name}出现了不止一次（第{places[name] + 1}项和第{at + 1}项），请去掉重复的。"
            )
        places[name] = at
    return places


def is_name(value: Any) -> bool:
    """Whether this can name a row."""
    if isinstance(value, str):
        return 0 < len(value) <= 100
    return is_whole(value)


def is_whole(value: Any, least: int = 1 - WIDEST, most: int = WIDEST - 1) -> bool:
    """Whether this is a whole number (true and false are none) between `least` and `most`."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def whole(
    row: Row, field: str, whose: str, *, least: int = 0, most: int = MOST, default: int | None = None
) -> int:
    """A whole number between `least` and `most`."""
    value = row.get(field, default)
    if not is_whole(value, least, most):
        raise Refused(f"{whose}的{field}应是{least}到{most}之间的整数，现在是{shown(value)}，请改正。")
    return int(value)


def wholes(
    listed: Sequence[Row], field: str, whose: Callable[[int], str], *, least: int | None = None,
    default: int | None = None,
) -> Ints:  # fmt: skip
    """A field of whole numbers of all rows. `whose`: a row by its place, in words; `default`: also for one that is null."""
    values = [row.get(field) for row in listed]
    if default is not None:
        values = [default if value is None else value for value in values]
    lowest = 1 - WIDEST if least is None else least
    for at, value in enumerate(values):
        if not is_whole(value, lowest):
            bound = "" if least is None else f"（不小于{least}）"
            raise Refused(f"{whose(at)}的{field}应是整数{bound}，现在是{shown(value)}，请改正。")
    return np.array(values, dtype=np.int64)


def real(
    row: Row, field: str, whose: str, *, least: float, most: float, default: float | None = None
) -> float:
    """A finite number between `least` and `most`."""
    value = row.get(field, default)
    if not is_number(value) or not least <= value <= most:
        raise Refused(f"{whose}的{field}应是{least:g}到{most:g}之间的数，现在是{shown(value)}，请改正。")
    return float(value)


def reals(
    listed: Sequence[Row], field: str, whose: Callable[[int], str], *, least: float, most: float
) -> Floats:
    """A field of finite numbers between `least` and `most` of all rows."""
    values: list[Any] = [row.get(field) for row in listed]
    for at, value in enumerate(values):
        if not is_number(value) or not least <= value <= most:
            real(listed[at], field, whose(at), least=least, most=most)
    return np.array(values, dtype=np.float64)


def is_number(value: Any) -> bool:
    """Whether this is a finite number (true and false are none)."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) < 1e300 if isinstance(value, int) else math.isfinite(value)


def pairs(form: Row, name: str, places: Mapping[Name, int], what: str, most: int) -> Ints:
    """(m, 2) places of a list of pairs of ids, each pair once. Refused where an id is unknown or paired with itself."""
    return each_once(pairs_listed(form, name, places, what, most))


def each_once(found: Ints) -> Ints:
    """Pairs without those that stand again, in whichever order."""
    return np.unique(np.sort(found, axis=1), axis=0)


def pairs_listed(form: Row, name: str, places: Mapping[Name, int], what: str, most: int) -> Ints:
    """The same, as they are listed."""
    found = form.get(name)
    if not isinstance(found, list):
        raise Refused(f"缺少{name}，或它不是一个列表，请按格式补上（可以是空列表）。")
    if len(found) > most:
        raise Refused(f"{name}有{len(found)}项，超过{most}项，请按街道拆开后分别规划。")
    listed = []
    for at, pair in enumerate(found):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise Refused(f"{name}第{at + 1}项应是两个编号，现在是{shown(pair)}，请改正。")
        for one in pair:
            if not is_name(one) or one not in places:
                raise Refused(f"{name}第{at + 1}项里的{shown(one)}不是已登记的{what}，请补登或删去这一对。")
        if pair[0] == pair[1]:
            raise Refused(f"{name}第{at + 1}项把{what}{pair[0]}与它自己相邻，请删去。")
        listed.append((places[pair[0]], places[pair[1]]))
    return np.array(listed, dtype=np.int64).reshape(-1, 2)


def shown(value: Any) -> str:
    """A wrong value, short enough for a sentence."""
    return "空" if value is None else repr(value)[:40]


def listed(values: Sequence[Any], most: int = 5) -> str:
    """The first few of them, in words."""
    more = f"等{len(values)}个" if len(values) > most else ""
    return "、".join(str(value) for value in values[:most]) + more
