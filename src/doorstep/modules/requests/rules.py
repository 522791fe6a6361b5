"""Pure rules of requests: titles from words, the choice among routing rules, lots, and the three rates."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

LONGEST_TITLE = 40
_SENTENCE = re.compile(r"[。！？!?\n；;]+")
_BETWEEN_WORDS = re.compile(r"[\s、,，;；]+")


def title_of(text: str, fallback: str) -> str:
    """The first sentence that says something, cut to 40 characters; `fallback` where there are no words."""
    for sentence in _SENTENCE.split(text):
        words = sentence.strip(" ，,、：:")
        if any(character.isalnum() for character in words):
            return words if len(words) <= LONGEST_TITLE else words[: LONGEST_TITLE - 1] + "…"
    return fallback


def words_of(text: str) -> tuple[str, ...]:
    """Words as people list them, with whatever stands between them; each once, in their order."""
    return tuple(dict.fromkeys(word for word in _BETWEEN_WORDS.split(text) if word))


class Routable(Protocol):
    place_code: str
    event_class: str
    item: str
    urgency: str


R = TypeVar("R", bound=Routable)
K = TypeVar("K")


def most_specific(
    rules: Iterable[R], *, place_code: str, event_class: str, item: str, urgency: str
) -> R | None:
    """The rule that holds: by item, then class, then the narrower place, then urgency. None where none fits.

    Urgency goes before class and item for an emergency: what endangers life takes its own way.
    """
    fitting = [
        rule
        for rule in rules
        if place_code.startswith(rule.place_code)
        and rule.item in ("", item) and rule.event_class in ("", event_class) and rule.urgency in ("", urgency)
    ]  # fmt: skip

    def rank(rule: R) -> tuple[bool, bool, bool, int, bool]:
        return (
            rule.urgency == "emergency", rule.item != "", rule.event_class != "", len(rule.place_code),
            rule.urgency != "",
        )  # fmt: skip

    return max(fitting, key=rank, default=None)


def likeness(left: Sequence[str], right: Sequence[str]) -> float:
    """Shared pairs of characters over all of them, 0 to 1."""
    one, other = set(left), set(right)
    return len(one & other) / len(one | other) if one and other else 0.0


def drawn(candidates: Iterable[int], *, seed: str, share: float, least: int) -> list[int]:
    """A lot that anybody can draw again: the candidates with the smallest hashes of seed and number.

    ceil(share × n), at least `least` (all of them where there are fewer), in ascending order.
    """
    known = sorted(set(candidates))
    wanted = min(len(known), max(least, math.ceil(share * len(known))))
    lots = sorted(known, key=lambda number: (hashlib.sha256(f"{seed}:{number}".encode()).hexdigest(), number))
    return sorted(lots[:wanted])


@dataclass(frozen=True)
class Rate:
    """A share of `n`; `value`, `low` and `high` are None where n is 0. `low` to `high`: 95% by Wilson's score."""

    value: float | None
    n: int
    low: float | None
    high: float | None


def wilson(share: float, n: int, z: float = 1.959964) -> tuple[float, float]:
    """95% interval of a share observed among n > 0, by Wilson's score; never beyond 0 and 1."""
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    middle, scale = share + z * z / (2 * n), 1 + z * z / n
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def rate(points: float, n: int) -> Rate:
    """`points` out of n. With weighted points (basically satisfied counts 0.9) the interval is an approximation."""
    if n == 0:
        return Rate(None, 0, None, None)
    share = points / n
    low, high = wilson(share, n)
    return Rate(share, n, low, high)


@dataclass(frozen=True)
class CallBackCounts:
    """What was counted for a place and period. `closed`: outcomes that could have been called back, of which
    `covered` have a valid call-back by now."""

    closed: int = 0
    covered: int = 0
    tried: int = 0
    valid: int = 0
    contacted: int = 0
    solved: int = 0
    satisfied: int = 0
    basically: int = 0


@dataclass(frozen=True)
class ThreeRates:
    """Response, resolution, satisfaction over valid call-backs; `coverage`: share of outcomes that have one.

    `composite` is None without call-backs. `suppressed`: too few to be shown in public.
    """

    counts: CallBackCounts
    response: Rate
    resolution: Rate
    satisfaction: Rate
    composite: float | None
    coverage: float | None
    suppressed: bool = False


def three_rates(
    counts: CallBackCounts, *, basically: float, weights: Sequence[float], public_least: int = 0
) -> ThreeRates:
    """The rates of these counts. With `public_least`, rates on fewer valid call-backs are suppressed, counts too."""
    n = counts.valid
    coverage = counts.covered / counts.closed if counts.closed else None
    if public_least and n < public_least:
        nothing = Rate(None, 0, None, None)
        return ThreeRates(CallBackCounts(), nothing, nothing, nothing, None, None, suppressed=True)
    response, resolution = rate(counts.contacted, n), rate(counts.solved, n)
    satisfaction = rate(counts.satisfied + basically * counts.basically, n)
    composite = None
    if n:
        parts = (response.value or 0.0, resolution.value or 0.0, satisfaction.value or 0.0)
        composite = sum(weight * part for weight, part in zip(weights, parts, strict=True))
    return ThreeRates(counts, response, resolution, satisfaction, composite, coverage)


def together(counts: Iterable[CallBackCounts]) -> CallBackCounts:
    """The sum of what was counted in several places."""
    rows = [vars(each) for each in counts]
    return CallBackCounts(**{name: sum(row[name] for row in rows) for name in vars(CallBackCounts())})


def to_hide(valid: Mapping[K, int], least: int) -> set[K]:
    """Which places are not shown in public beside their total: those with fewer than `least` valid call-backs, and
    the next smallest until what is hidden cannot be told as the rest of the total."""
    few = {key for key, n in valid.items() if n < least}
    for key in sorted(valid.keys() - few, key=lambda key: (valid[key], str(key))):
        if not any(valid[each] for each in few) or sum(valid[each] for each in few) >= least:
            break
        few.add(key)
    return few


def overlap(one: Rate, other: Rate) -> bool:
    """Whether the two intervals have a common part: then the difference may be chance."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return True
    return one.low <= other.high and other.low <= one.high
