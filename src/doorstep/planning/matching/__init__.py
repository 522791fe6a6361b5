"""Needs matched to resources at the least distance, one more when it arrives. See docs/planning.md."""

from doorstep.planning.matching.explaining import Met, Missed, explain
from doorstep.planning.matching.instance import Instance, Market
from doorstep.planning.matching.matcher import Figures, Matching, arrive, figures, match, warm
from doorstep.planning.matching.reading import of, read

__all__ = [
    "Figures", "Instance", "Market", "Matching", "Met", "Missed", "arrive", "explain", "figures", "match", "of", "read", "warm",
]  # fmt: skip
