"""The first rules, terms and numbers of coverage, each with its source. What no rule of law says is ours, and can be changed."""

from __future__ import annotations

from datetime import date

FROM = date(2024, 1, 1)
OURS = "本平台约定，可调整，以本区文件为准"
QUARTER_END, HALF_YEAR_END = (
    "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1",
    "FREQ=YEARLY;BYMONTH=6,12;BYMONTHDAY=-1",
)
BRANCH_WORK = "《中国共产党支部工作条例（试行）》"
VALUES: list[tuple[str, object, str]] = [
    ("organisation.members", 3, BRANCH_WORK + "：有正式党员三人以上的，成立党支部"),
    ("joint.units", 5, BRANCH_WORK + "：联合党支部覆盖单位一般不超过五个"),
    ("joint.metres", 600, "就近组建的距离为" + OURS),
    ("visit.late_days", 30, "补登期限为" + OURS),
]
PARTS = [
    ("leader", "一名领导挂点联系"), ("department", "一个部门结对"), ("community", "一个先进社区结对"), ("plan", "一个帮扶方案"),
]  # fmt: skip


def rules(place_code: str) -> list[dict[str, object]]:
    """What is owed: a visit each quarter to each organisation that has an enterprise cadre; a session of the mechanism."""
    return [
        {
            "code": "visit", "name": "入企走访", "unit_kinds": ["company", "property_company", "social_organisation"],
            "post": "enterprise_cadre", "place_code": place_code, "proof": "visit", "needs": [], "rhythm": QUARTER_END,
            "grace": 10, "clause": "入企干部（党建指导员）联系企业；每季度走访为" + OURS, "valid_from": FROM,
        },
        {
            "code": "coordination", "name": "协调机制会议", "unit_kinds": ["street_working_committee"], "post": "",
            "place_code": place_code, "proof": "coordination", "needs": [], "rhythm": HALF_YEAR_END, "grace": 10,
            "clause": "党建引领基层治理协调机制；每半年一次为" + OURS, "valid_from": FROM,
        },
    ]  # fmt: skip


def parts(place_code: str) -> list[dict[str, object]]:
    return [
        {
            "code": code, "name": name, "place_code": place_code, "rank": rank, "valid_from": FROM,
            "clause": "“四个一”帮扶机制；内容为" + OURS,
        }
        for rank, (code, name) in enumerate(PARTS, start=1)
    ]  # fmt: skip


def limits() -> list[dict[str, object]]:
    """Terms of gaps and findings, as values of TimeLimit."""
    terms = [
        ("coverage_gap", "respond", 15, "working_days"), ("coverage_gap", "resolve", 366, "natural_days"),
        ("coverage_finding", "respond", 3, "working_days"), ("coverage_finding", "resolve", 20, "working_days"),
        ("coverage_finding", "check", 5, "working_days"),
    ]  # fmt: skip
    return [
        {
            "kind": kind, "category": "", "urgency": "", "clock": clock, "amount": amount, "measure": measure,
            "clause": "办理时限为" + OURS, "valid_from": FROM,
        }
        for kind, clock, amount, measure in terms
    ]  # fmt: skip


def retention() -> list[dict[str, object]]:
    return [
        {
            "kind": kind, "months": 36, "valid_from": FROM,
            "clause": "保存期限为实现处理目的所必要的最短时间（《个人信息保护法》第十九条）；月数为" + OURS,
        }
        for kind in ("coverage_gap", "coverage_finding")
    ]  # fmt: skip
