"""Mentors and apprentices paired so that no two would rather have each other. See docs/planning.md."""

from doorstep.planning.pairing.checking import blocking_pairs
from doorstep.planning.pairing.explaining import Figures, Refusal, figures, why_not
from doorstep.planning.pairing.instance import Instance
from doorstep.planning.pairing.pairer import Pairing, pair, warm
from doorstep.planning.pairing.reading import of, read

__all__ = [
    "Figures", "Instance", "Pairing", "Refusal", "blocking_pairs", "figures", "of", "pair", "read", "warm", "why_not",
]  # fmt: skip
