"""Building groups: adjacent buildings of a branch with enough members each, balanced. See docs/planning.md."""

from doorstep.planning.groups.explaining import Explained, Move, explain, tears
from doorstep.planning.groups.figuring import BranchFigures, Figures, figures
from doorstep.planning.groups.grouping import Grouping, groups, warm
from doorstep.planning.groups.instance import Instance
from doorstep.planning.groups.numbering import numbered
from doorstep.planning.groups.reading import of, read
from doorstep.planning.groups.repairing import repaired

__all__ = [
    "BranchFigures", "Explained", "Figures", "Grouping", "Instance", "Move", "explain", "figures", "groups", "numbered", "of",
    "read", "repaired", "tears", "warm",
]  # fmt: skip
