"""The first numbers, terms, rules and institutions, each with its source. What no rule says is ours, and can be changed."""

from __future__ import annotations

from datetime import date

FROM = date(2024, 1, 1)
OURS = "本平台约定，可调整，以本区文件为准"
VALUES: list[tuple[str, object, str]] = [
    ("agreement.warn_days", 30, "协议到期前的提醒天数为" + OURS),
    ("commissioners.most", 9, "兼职委员名额各地不同（有 5 名、7 至 9 名的做法，作参照）；" + OURS),
    ("topics.days_ahead", 15, "议题提前 15 天征集（一地联席会议做法，作参照）；" + OURS),
    ("publicity.days", 7, "任职公示的天数为" + OURS),
]
# since tallies are kept
MAJORITY: tuple[str, object, str] = (
    "resolutions.majority", 0.5,
    "赞成票超过应到会有表决权人数的半数为通过（党员大会的做法，《中国共产党支部工作条例（试行）》第十一条，作参照）；用于协商议事会为" + OURS,
)  # fmt: skip

QUARTER_END = "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1"
# code, name, what it does, the rules of what is owed that carry it
_INSTITUTIONS = [
    (
        "consultation",
        "定期协商议事",
        "提前征集议题，到会人数够了才形成决议，决议有人负责、有期限",
        ["joint_meeting"],
    ),
    ("activities", "定期组织活动", "社区与共建单位一起办活动，办过并确认到场的才算", ["joint_activity"]),
    ("feedback", "定期督促反馈", "检查共建事项办得怎样，把结果反馈给单位", ["supervision", "feedback"]),
]


def institutions(place_code: str) -> list[dict[str, object]]:
    """The three institutions of a district, as values of Institution."""
    return [
        {
            "code": code, "name": name, "about": about, "rules": rules, "place_code": place_code, "valid_from": FROM,
            "clause": "三项制度：定期协商议事、定期组织活动、定期督促反馈；具体做法为" + OURS,
        }
        for code, name, about, rules in _INSTITUTIONS
    ]  # fmt: skip


def rules(place_code: str) -> list[dict[str, object]]:
    """What a community owes of joint activities, as values of the obligations' Rule."""
    return [
        {
            "code": "joint_activity", "name": "共建活动", "unit_kinds": ["community_party_organisation"],
            "place_code": place_code, "proof": "joint_activity", "needs": [], "rhythm": QUARTER_END, "grace": 10,
            "clause": "定期组织活动制度；每季度一次为" + OURS, "valid_from": FROM,
        }
    ]  # fmt: skip


_TERMS = [
    ("resolution", "", "respond", 5), ("resolution", "pressing", "resolve", 15), ("resolution", "", "resolve", 60),
    ("resolution", "long", "resolve", 180), ("resolution", "", "check", 10),
    ("nomination", "", "respond", 10), ("nomination", "", "resolve", 40),
]  # fmt: skip


def limits() -> list[dict[str, object]]:
    """Terms of resolutions and nominations in working days, as values of TimeLimit."""
    return [
        {
            "kind": kind, "category": category, "urgency": "", "clock": clock, "amount": amount,
            "measure": "working_days", "clause": "办理时限为" + OURS, "valid_from": FROM,
        }
        for kind, category, clock, amount in _TERMS
    ]  # fmt: skip


def retention() -> list[dict[str, object]]:
    """How long words of nominations and resolutions are kept, as values of RetentionTerm."""
    return [
        {
            "kind": kind, "months": 60, "valid_from": FROM,
            "clause": "保存期限为实现处理目的所必要的最短时间（《个人信息保护法》第十九条）；一届任期内可查为" + OURS,
        }
        for kind in ("resolution", "nomination")
    ]  # fmt: skip
