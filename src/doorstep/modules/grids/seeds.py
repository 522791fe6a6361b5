"""The first list of what grid work is and is not, for the home district, and the first numbers; all with clauses.

Sources are other places' rules and national directions: check each against the district's own documents.
"""

from __future__ import annotations

from datetime import date

FROM = date(2024, 1, 1)
DUTY = "《滨州市社会治理网格化服务管理条例》第三条，作参照"
LIST = "《滨州市社会治理网格化服务管理条例》第十条（网格工作事项清单），作参照"
LIGHTER = "国务院办公厅关于规范政务应用、减轻基层负担的要求（国办函〔2026〕12号，以正式文本为准）"
COMMITTEE = "《城市居民委员会组织法》第二十条"

# code, name, clause
IS: list[tuple[str, str, str]] = [
    ("is.information", "采集网格内人口、房屋、设施的基础信息，一次采集、多方使用", DUTY),
    ("is.opinion", "听取居民意见，把解决不了的问题上报并反馈结果", DUTY),
    ("is.hazard", "巡查消防、燃气、电动车充电、外墙等安全隐患，当场劝阻，及时上报", DUTY),
    ("is.dispute", "发现邻里、家庭、物业等矛盾苗头，先行劝和，联系调解", DUTY),
    ("is.publicity", "宣传政策法规、防诈骗、防灾知识", DUTY),
    ("is.agency", "为行动不便的居民代办、帮办事项", DUTY),
    ("is.psychological", "关心独居老人、困难家庭等，必要时联系专业心理服务", DUTY),
    ("is.spot", "能当场办的当场办；办不了的上报，并把结果告诉居民", LIST),
]
# code, name, who does it instead, clause
IS_NOT: list[tuple[str, str, str, str]] = [
    ("not.enforcement", "行政执法、处罚、收费、扣押物品", "有执法权的部门", LIST),
    ("not.investigation", "侦查、盘问、搜查", "公安机关，紧急时拨打110", LIST),
    ("not.rescue", "灭火、急救等专业救援", "119、120；网格员协助疏散和报告", LIST),
    ("not.certificate", "出具没有法定依据的证明", "按证明事项清单由出具单位办理", LIST),
    ("not.departments", "部门未经准入交办的任务、报表和创建活动", "交办部门；须先经街道统一安排", COMMITTEE),
    ("not.property", "物业合同内的维修、保洁、收费", "物业服务企业", LIST),
    ("not.checkin", "强制打卡、积分排名、统计在线时长", "不做", LIGHTER),
    ("not.track", "记录工作人员行动轨迹，无必要要求拍照、录像", "不做", LIGHTER),
]
VALUES: list[tuple[str, object, str]] = [
    (
        "visit.keep_months",
        24,
        "保存期限为实现目的所必要的最短时间（个人信息保护法第十九条）；月数为本平台约定，可调整",
    ),
]


def works(place_code: str) -> list[dict[str, object]]:
    """Rows of the list for a district."""
    rows: list[dict[str, object]] = [
        {"code": code, "name": name, "is_grid_work": True, "elsewhere": "", "clause": clause}
        for code, name, clause in IS
    ]
    rows += [
        {"code": code, "name": name, "is_grid_work": False, "elsewhere": other, "clause": clause}
        for code, name, other, clause in IS_NOT
    ]
    return [{"place_code": place_code, "valid_from": FROM, **row} for row in rows]
