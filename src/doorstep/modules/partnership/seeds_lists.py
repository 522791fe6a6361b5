"""The first classes of shared resources, terms, numbers and retention of the four lists, each with its source."""

from __future__ import annotations

from datetime import date

FROM = date(2024, 1, 1)
OURS = "本平台约定，可调整，以本区文件为准"
_SHARED = "共享资源分为七类（阵地共享做法）；分法为" + OURS
_CLASSES: list[tuple[str, str, str]] = [
    ("space", "场地设施", "会议室、活动室、操场、停车位、展厅"),
    ("skill", "人才技能", "讲师、律师、医护、维修工、志愿者"),
    ("goods", "物资设备", "桌椅、音响、工具、慰问品"),
    ("funds", "资金帮扶", "捐赠、助学、困难帮扶、项目资金"),
    ("information", "信息技术", "网络、宣传渠道、就业岗位、数字技能"),
    ("culture", "文化教育", "演出、讲座、图书、书画、亲子课程"),
    ("health", "医疗健康", "义诊、体检、康复、心理服务"),
]
VALUES: list[tuple[str, object, str]] = [
    ("match.farthest", 3000, "推荐的资源离需求不超过多远；" + OURS),
    ("match.shown", 12, "一件需求推荐多少项资源；" + OURS),
    ("rating.open_days", 60, "项目确认后多少天内可以评价；" + OURS),
    ("rating.most_slips", 200, "一个项目最多发多少张评价条；" + OURS),
    ("rating.least", 5, "不足多少份的评价不公布分布，以免看出是谁评的；" + OURS),
]


def classes(place_code: str) -> list[dict[str, object]]:
    """Rows of the classes for a district."""
    return [
        {
            "place_code": place_code,
            "code": code,
            "name": name,
            "about": about,
            "clause": _SHARED,
            "valid_from": FROM,
        }
        for code, name, about in _CLASSES
    ]


def limits() -> list[dict[str, object]]:
    """Terms of needs, projects and responsibilities, as values of TimeLimit. Where a step gives the end, the term is only
    what holds without one."""
    rows = [
        ("need", "respond", 5, "社区答复是否列入需求清单"), ("need", "resolve", 60, "项目办成，以商定的期限为准"),
        ("project", "resolve", 60, "项目做完并确认，以商定的期限为准"), ("project", "check", 5, "做完后社区确认"),
        ("responsibility", "resolve", 30, "责任做完，以分工的期限为准"), ("responsibility", "check", 5, "做完后社区确认"),
    ]  # fmt: skip
    return [
        {
            "kind": kind, "category": "", "urgency": "", "clock": clock, "amount": amount, "measure": "working_days",
            "clause": f"{what}的时限为{OURS}", "valid_from": FROM,
        }
        for kind, clock, amount, what in rows
    ]  # fmt: skip


def retention() -> list[dict[str, object]]:
    clause = "保存期限为实现处理目的所必要的最短时间（《个人信息保护法》第十九条）；月数为" + OURS
    return [
        {"kind": kind, "months": 36, "valid_from": FROM, "clause": clause}
        for kind in ("need", "project", "responsibility")
    ]
