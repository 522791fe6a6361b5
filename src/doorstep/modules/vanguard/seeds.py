"""First numbers and terms of the vanguard, with their clauses; the district sets its own from a day on."""

from __future__ import annotations

from datetime import date

FROM = date(2023, 1, 1)
OURS = "本平台约定，可按本区规定调整"
VALUES: list[tuple[str, object, str]] = [
    ("claims.most", 3, "认领出于自愿、量力而行；件数为" + OURS),
    ("vacant.days", 30, "岗位空缺提示；天数为" + OURS),
]
# clock, category, amount in working days
_TERMS = [
    ("respond", "", 3), ("resolve", "wish", 10), ("resolve", "difficulty", 20), ("check", "", 5),
]  # fmt: skip


def limits() -> list[dict[str, object]]:
    """Terms of wishes, as values of TimeLimit."""
    return [
        {
            "kind": "wish", "category": category, "urgency": "", "clock": clock, "amount": amount,
            "measure": "working_days", "clause": "心愿的答复、办理和确认时限为" + OURS, "valid_from": FROM,
        }
        for clock, category, amount in _TERMS
    ]  # fmt: skip


def retention() -> list[dict[str, object]]:
    return [
        {
            "kind": "wish", "months": 24, "valid_from": FROM,
            "clause": "保存期限为实现处理目的所必要的最短时间（《个人信息保护法》第十九条）；月数为" + OURS,
        }
    ]  # fmt: skip
