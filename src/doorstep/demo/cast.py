"""The demo cast: who can be signed in with one click, and what each can try. Imported before Django is set up."""

from __future__ import annotations

from typing import NamedTuple

from .plan import Plan

STREET, NEIGHBOUR = "210202005", "210202001"
COMMUNITY, OUTSIDE = "210202005011", "210202001002"


class Member(NamedTuple):
    """`post` held in `unit` (a key of the plan; empty for somebody without a post) of `district`."""

    username: str
    role: str
    line: str
    post: str = ""
    unit: str = ""
    district: str = "210202"


CAST = (
    Member(
        "district", "区级工作人员", "看全区驾驶舱，点开任一数字看它的明细，下载简报",
        "district_officer", "district committee",
    ),
    Member(
        "hotline", "热线工作人员（区政府）", "导入热线工单，导出答复，按抽样给报告人打回访电话",
        "hotline_officer", "district government",
    ),
    Member(
        "street", "街道工作人员（人民路街道）", "调整网格党支部，看断链清单，导出、导入登记表",
        "street_officer", f"street office {STREET}",
    ),
    Member(
        "street2", "街道工作人员（海军广场街道）", "与人民路街道同样的岗位，却看不到对方的记录",
        "street_officer", f"street office {NEIGHBOUR}",
    ),
    Member(
        "secretary", "社区党组织书记（东日社区）", "从“我的工作”开始：任命党小组组长，认定党员中心户",
        "community_secretary", f"party {COMMUNITY}",
    ),
    Member(
        "outsider", "社区党组织书记（春海社区）", "另一个街道的书记：东日社区的一切对他不存在",
        "community_secretary", f"party {OUTSIDE}",
    ),
    Member(
        "worker", "专职网格员（东日社区）", "在手机上接办、办完、上报自己网格的事，没有网络也能办",
        "grid_worker", f"committee {COMMUNITY}",
    ),
    Member(
        "department", "部门工作人员（区住房和城市建设局）", "只看到与本部门有关的内容",
        "department_officer", "department 13",
    ),
    Member(
        "property", "物业项目经理（人民路街道）", "只看到自己负责的小区楼院",
        "property_manager", f"property {STREET}",
    ),
    Member(
        "merchant", "商户负责人（人民路街道）", "只看到自己的商户",
        "merchant_manager", f"merchant {STREET}",
    ),
    Member(
        "partner", "共建单位联络员（东日社区）", "代表单位看附近需要什么、提议题、办理认领的事",
        "unit_liaison", f"partner {COMMUNITY}",
    ),
    Member(
        "leader", "志愿服务队队长（东日社区）", "在手机上发布活动、出示到场码、确认到场；时长和积分由社区审核",
        "team_leader", f"team {COMMUNITY}",
    ),
    Member("resident", "居民（东日社区）", "从自家楼栋找到组织：户、组长、书记、网格员、社区"),
    Member("member", "在职党员（家在东日社区）", "在手机上报到，认领身边的心愿，报名集结班次；反馈单位由自己定"),
    Member(
        "sysadmin", "系统管理员", "管理账号和系统设置，看不到业务数据",
        "system_administrator", "platform administration",
    ),
    Member(
        "secadmin", "安全管理员", "任命管理员，停用和恢复账号",
        "security_administrator", "platform administration",
    ),
    Member(
        "auditor", "审计管理员", "查审计记录，核对封存链",
        "audit_administrator", "platform administration",
    ),
    Member(
        "training", "区级工作人员（练习区）", "练习区里有意留下了各种断链：找到它们并修好",
        "district_officer", "district committee", "210299",
    ),
)  # fmt: skip


def person_of(member: Member, plan: Plan) -> str:
    """Key of the person of the plan who plays this member: the first who holds the post, the plan's resident, or who is in service
    elsewhere."""
    if not member.post:
        return plan.in_service if member.username == "member" else plan.resident
    return next(
        row.person
        for row in plan.appointments
        if row.post == member.post and row.unit == member.unit and row.end is None
    )
