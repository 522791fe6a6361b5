"""Full-time workers to grids, fairly, with substitutes; grids designed around their workers. See docs/planning.md."""

from doorstep.planning.staff.arranging import arranged, loads
from doorstep.planning.staff.designing import Design, design, shares
from doorstep.planning.staff.figuring import Figures, figures, lightest_worker
from doorstep.planning.staff.instance import Instance
from doorstep.planning.staff.reading import of, read, workers_of
from doorstep.planning.staff.staffing import Staffing, staff

__all__ = [
    "Design", "Figures", "Instance", "Staffing", "arranged", "design", "figures", "lightest_worker", "loads", "of", "read", "shares",
    "staff", "workers_of",
]  # fmt: skip
