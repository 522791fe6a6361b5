"""The first numbers of cultural events, each with its source."""

from __future__ import annotations

from datetime import date

FROM = date(2024, 1, 1)
VALUES: list[tuple[str, object, str]] = [
    (
        "feedback.keep_months", 24,
        "保存期限为实现目的所必要的最短时间（个人信息保护法第十九条）；月数为本平台约定，可调整",
    ),
    ("feedback.open_days", 60, "活动结束后多少天内可以评价，为本平台约定，可调整"),
    (
        "event.confirm_days", 3,
        "活动结束后多少天内确认到场人数，为本平台约定，可调整",
    ),
]  # fmt: skip
