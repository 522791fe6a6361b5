"""The first numbers of plans of grids, each with its source."""

from __future__ import annotations

from datetime import date

FROM = date(2024, 1, 1)
OWN = "本平台约定，可调整；请按本区网格划分办法核对"
SIZE = "网格一般三百至五百户，以户数为工作量的基准（GB/T 34300-2017，以正式文本为准）"

VALUES: list[tuple[str, object, str]] = [
    ("plan.household", 100, SIZE),
    ("plan.difficulty", 100, OWN),
    ("plan.building", 2, OWN),
    ("plan.price", 100, "划分网格应当保持相对稳定；每户变动网格的代价为本平台约定，可调整"),
    ("plan.seconds", 20, OWN),
    ("plan.versions_kept", 60, OWN),
    ("plan.grids_of_worker", 2, "一名网格员服务的网格数为本平台约定，可调整"),
]

STAFFING: list[tuple[str, object, str]] = [
    ("staffing.slack", 5, "网格员应当保持相对稳定；为少换人容许的差距为本平台约定，可调整"),
    ("staffing.price", 20, "网格员应当保持相对稳定；一个网格换人的代价为本平台约定，可调整"),
    ("staffing.seconds", 3, OWN),
]
