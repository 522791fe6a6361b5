"""Grids: contiguous, balanced, compact pieces of communities. See docs/planning.md."""

from doorstep.planning.grids.adjacency import neighbours, neighbours_among
from doorstep.planning.grids.bounding import Bounds, bounds
from doorstep.planning.grids.explaining import Explanation, explain
from doorstep.planning.grids.figuring import Figures, PartFigures, figures
from doorstep.planning.grids.instance import Instance, Plan
from doorstep.planning.grids.partition import grids, warm
from doorstep.planning.grids.reading import of, read
from doorstep.planning.grids.repairing import repair
from doorstep.planning.grids.weights import Weights

__all__ = [
    "Bounds",
    "Explanation",
    "Figures",
    "Instance",
    "PartFigures",
    "Plan",
    "Weights",
    "bounds",
    "explain",
    "figures",
    "grids",
    "neighbours",
    "neighbours_among",
    "of",
    "read",
    "repair",
    "warm",
]
