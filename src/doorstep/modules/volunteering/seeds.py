"""First numbers, and kinds of service of the home district, all with clauses.

What other places publish, or what the platform starts with: the district sets its own from a day on.
"""

from __future__ import annotations

from datetime import date

FROM = date(2023, 1, 1)
OURS = "本平台约定，可按本区规定调整"
VALUES: list[tuple[str, object, str]] = [
    ("cap.activity", 240, "各地积分办法对单次计入时长设上限，作参照；分钟数为" + OURS),
    ("cap.day", 480, "一天计入不超过 8 小时；" + OURS),
    ("cap.month", 3600, OURS),
    ("points.months", 24, OURS),
    ("milestones", [50, 100, 200, 400, 800], "各地志愿者星级以 50、100、200、400、800 小时划分，作参照"),
    ("record.step", 30, "服务时长以小时为单位，往返时间不计；取整为" + OURS),
    ("confirm.hours", 48, OURS),
    ("appeal.within", 180, OURS),
    ("appeal.days", 10, OURS),
    ("statement.days", 365, "公示不少于 7 天（民发〔2015〕149号，作参照）；天数为" + OURS),
    ("oddity.identical", 5, OURS),
    ("oddity.late", 5, OURS),
    ("oddity.confirmer_days", 90, OURS),
    ("oddity.confirmer_share", 0.8, OURS),
    ("oddity.confirmer_hours", 100, OURS),
    ("oddity.journey", 10, OURS),
]
POINTS_PER_HOUR = 10
RATE = "每小时 10 分为一地做法，作参照；积分不与钱挂钩；" + OURS
SAFETY = "《志愿服务条例》第十六条、第十七条"
# code, name, risky
KINDS: list[tuple[str, str, bool]] = [
    ("visiting", "探访陪伴", False), ("chores", "代办跑腿", False), ("repair", "便民维修", False),
    ("hairdressing", "义务理发", False), ("medicine", "义诊和健康指导", False), ("law", "法律咨询", False),
    ("teaching", "课业辅导和讲座", False), ("psychology", "心理疏导", False), ("digital", "手机电脑辅导", False),
    ("environment", "环境清洁和绿化", False), ("order", "文明引导", False), ("patrol", "邻里守望和巡查", False),
    ("culture", "文体服务", False), ("venue", "场馆服务", False), ("rescue", "应急和除雪", True), ("event", "大型活动服务", False),
]  # fmt: skip


def kinds(place_code: str) -> list[dict[str, object]]:
    """Rows of the kinds of service for a district."""
    return [
        {
            "place_code": place_code, "code": code, "name": name, "risky": risky, "points_per_hour": POINTS_PER_HOUR,
            "clause": f"{RATE}；{SAFETY}" if risky else RATE, "valid_from": FROM,
        }
        for code, name, risky in KINDS
    ]  # fmt: skip
