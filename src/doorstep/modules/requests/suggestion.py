"""Which item a report is about, judged from its words alone, on this machine, with the words that say so.

Each item is a bag of words: what the district's own list gives for it, and labelled sentences that come with the
platform. A report is compared with every bag (cosine over pairs of neighbouring characters, rare pairs weighing more),
and each listed word it contains adds to its item. No network, and nothing is learned from residents' reports.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorstep.kernel.matters.rules import sought_of

SENTENCES = Path(__file__).with_name("sentences") / "training.csv"
SINGLE = 0.3  # weight of a single character beside a pair
LISTED = 0.1  # what each character of a listed word adds, shared among the items that list it
SHARPNESS = 12.0  # from points to shares
MOST_SHOWN = 4


@dataclass(frozen=True)
class Suggestion:
    """An item, how sure (shares of all items add up to 1), and the words of the report that point to it."""

    code: str
    share: float
    _telling: Callable[[str], tuple[str, ...]] = field(repr=False, compare=False)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Looked for when somebody wants to read them."""
        return self._telling(self.code)


@dataclass(frozen=True, eq=False)
class Model:
    """Rarity of each feature, and each item's bag scaled to length 1. `listed`: words with what each adds."""

    rarity: Mapping[str, float]
    bags: Mapping[str, Mapping[str, float]]
    listed: Mapping[str, Mapping[str, float]]

    @cached_property
    def codes(self) -> list[str]:
        """The items in order: where several are as likely, the first is named first."""
        return sorted(self.bags)

    @cached_property
    def features(self) -> dict[str, tuple[int, float]]:
        """Each feature with its row in `table`, and its rarity."""
        return {feature: (row, rarity) for row, (feature, rarity) in enumerate(self.rarity.items())}

    @cached_property
    def table(self) -> NDArray[np.float64]:
        """The weight of each feature (rows) in the bag of each item (columns, in the order of `codes`)."""
        table = np.zeros((len(self.rarity), len(self.codes)))
        for column, code in enumerate(self.codes):
            for feature, weight in self.bags[code].items():
                table[self.features[feature][0], column] = weight
        return table

    @cached_property
    def listing(self) -> dict[str, list[tuple[str, NDArray[np.float64]]]]:
        """Each listed word with what it adds to each item, under the pair of characters it begins with (or the only one)."""
        adding: dict[str, NDArray[np.float64]] = defaultdict(lambda: np.zeros(len(self.codes)))
        for column, code in enumerate(self.codes):
            for word, added in self.listed[code].items():
                adding[word][column] = added
        found: dict[str, list[tuple[str, NDArray[np.float64]]]] = defaultdict(list)
        for word, items in adding.items():
            found[word[:2]].append((word, items))
        return dict(found)


def pairs_of(sought: str) -> list[str]:
    return [sought[place : place + 2] for place in range(len(sought) - 1)]


def features_of(text: str) -> dict[str, float]:
    """Pairs of neighbouring characters and single ones, each once."""
    return _features(sought_of(text))


def _features(sought: str) -> dict[str, float]:
    return dict.fromkeys(sought, SINGLE) | dict.fromkeys(pairs_of(sought), 1.0)


def learned(items: Mapping[str, Sequence[str]], labelled: Iterable[tuple[str, str]]) -> Model:
    """The model of these items: code → listed words. Sentences of other codes are left out."""
    bags: dict[str, Counter[str]] = defaultdict(Counter)
    texts = [(code, sentence) for code, sentence in labelled if code in items]
    texts += [(code, word) for code, words in items.items() for word in words]
    for code, text in texts:
        for feature, weight in features_of(text).items():
            bags[code][feature] += weight  # type: ignore[assignment]  # a Counter counts fractions too
    spread = Counter(feature for bag in bags.values() for feature in bag)
    rarity = {feature: math.log(1 + len(bags) / number) for feature, number in spread.items()}
    scaled = {}
    for code, bag in bags.items():
        weighed = {feature: math.sqrt(number) * rarity[feature] for feature, number in bag.items()}
        length = math.sqrt(sum(value * value for value in weighed.values()))
        scaled[code] = {feature: value / length for feature, value in weighed.items()}
    sharing = Counter(word for words in items.values() for word in set(words))
    listed = {
        code: {word: LISTED * len(word) / sharing[word] for word in words} for code, words in items.items()
    }
    return Model(rarity, scaled, listed)


def read_labelled(path: Path) -> list[tuple[str, str]]:
    """Lines "code,sentence"; what follows the first comma is the sentence."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(code, sentence) for code, sentence in (line.split(",", 1) for line in lines if line.strip())]


@lru_cache(maxsize=8)
def _model_for(items: tuple[tuple[str, tuple[str, ...]], ...]) -> Model:
    """Learned once in each process for each list that was in force."""
    return learned(dict(items), read_labelled(SENTENCES))


def own_model(items: Mapping[str, Sequence[str]]) -> Model:
    """The model of the sentences that come with the platform, for this list."""
    return _model_for(tuple(sorted((code, tuple(words)) for code, words in items.items())))


def suggest(text: str, model: Model, most: int = 3) -> list[Suggestion]:
    """The likeliest items, best first. Empty where nothing in the text is known."""
    sought = sought_of(text)
    features = _features(sought)
    known = model.features
    found = [(*known[feature], weight) for feature, weight in features.items() if feature in known]
    if not found:
        return []
    values = np.array([weight * rarity for _row, rarity, weight in found])
    points = values @ model.table[[row for row, _rarity, _weight in found]] / math.sqrt(values @ values)
    listing = model.listing
    for feature in [feature for feature in features if feature in listing]:
        for word, adding in listing[feature]:
            if word in sought:
                points += adding
    likeliest = (-points).argsort(kind="stable")[:most].tolist()
    shares = np.exp(SHARPNESS * (points - points[likeliest[0]]))
    whole = float(shares.sum())
    telling = partial(_telling, sought, model)
    return [Suggestion(model.codes[column], float(shares[column]) / whole, telling) for column in likeliest]


def _telling(sought: str, model: Model, code: str) -> tuple[str, ...]:
    """The words that speak for this item: its listed ones, then the pairs that weigh most in its bag."""
    listed = sorted(
        (word for word in model.listed[code] if word in sought), key=lambda word: (-len(word), word)
    )
    shown = [
        word for place, word in enumerate(listed) if not any(word in longer for longer in listed[:place])
    ]
    bag = model.bags[code]
    pairs = [pair for pair in dict.fromkeys(pairs_of(sought)) if pair in bag]
    for pair in sorted(pairs, key=lambda each: -model.rarity[each] * bag[each]):
        if len(shown) < MOST_SHOWN and not any(pair in word for word in shown):
            shown.append(pair)
    return tuple(shown[:MOST_SHOWN])
