"""The first rules, terms and numbers, each with its source. What no rule of law says is ours, and can be changed."""

from __future__ import annotations

from datetime import date

FROM = date(2024, 1, 1)
OURS = "本平台约定，可调整，以本区文件为准"
BRANCH_WORK = "《中国共产党支部工作条例（试行）》三会一课"
MONTH_END, QUARTER_END = "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1"
HALF_YEAR_END, YEAR_END = "FREQ=YEARLY;BYMONTH=6,12;BYMONTHDAY=-1", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=-1"
_BRANCHES = ["grid_party_branch", "compound_party_branch"]
_COMMUNITY = ["community_party_organisation"]
VALUES: list[tuple[str, object, str]] = [
    ("minutes.quorum", 0.5, "有表决权的党员到会超过半数，会议方有效（支部工作做法）；" + OURS),
    ("supervision.raise_days", 31, OURS),
]
# code, name, kinds of unit, post, proof, needs a quorum, rhythm, grace, clause
_RULES: list[tuple[str, str, list[str], str, str, bool, str, int, str]] = [
    ("assembly", "党员大会", _BRANCHES, "", "assembly", True, QUARTER_END, 5, BRANCH_WORK + "：党员大会一般每季度一次"),
    ("committee", "支部委员会会议", _BRANCHES, "branch_committee_member", "committee", True, MONTH_END, 5,
     BRANCH_WORK + "：支部委员会会议一般每月一次"),
    ("group", "党小组会", ["building_party_group"], "", "group", True, MONTH_END, 5, BRANCH_WORK + "：党小组会一般每月一次"),
    ("lecture", "党课", _BRANCHES, "", "lecture", False, YEAR_END, 5, BRANCH_WORK + "：书记每年至少讲一次党课"),
    ("appraisal", "民主评议党员", _BRANCHES, "", "appraisal", True, YEAR_END, 10, BRANCH_WORK + "：每年一次民主评议党员"),
    ("joint_meeting", "党建联席会议", _COMMUNITY, "", "joint_meeting", True, HALF_YEAR_END, 10,
     "联席会议一般每半年一次（一地做法，作参照）；" + OURS),
    ("supervision", "监督检查", _COMMUNITY, "", "supervision", False, HALF_YEAR_END, 10, "反馈监督制度；周期为" + OURS),
    ("feedback", "情况反馈", _COMMUNITY, "", "feedback", False, QUARTER_END, 10,
     "每季度向在职党员所在单位反馈（一地做法，作参照）；" + OURS),
]  # fmt: skip


def rules(place_code: str) -> list[dict[str, object]]:
    """Rows of the rules for a district."""
    return [
        {
            "code": code, "name": name, "unit_kinds": kinds, "post": post, "place_code": place_code, "proof": proof,
            "needs": ["quorum"] if quorum else [], "rhythm": rhythm, "grace": grace, "clause": clause, "valid_from": FROM,
        }
        for code, name, kinds, post, proof, quorum, rhythm, grace, clause in _RULES
    ]  # fmt: skip


def limits() -> list[dict[str, object]]:
    """Terms of supervision, as values of TimeLimit."""
    return [
        {
            "kind": "obligation", "category": "", "urgency": "", "clock": clock, "amount": amount,
            "measure": "working_days", "clause": "督促时限为" + OURS, "valid_from": FROM,
        }
        for clock, amount in (("respond", 5), ("resolve", 15))
    ]  # fmt: skip


def retention() -> list[dict[str, object]]:
    return [
        {
            "kind": "obligation", "months": 36, "valid_from": FROM,
            "clause": "保存期限为实现处理目的所必要的最短时间（《个人信息保护法》第十九条）；月数为" + OURS,
        }
    ]  # fmt: skip
