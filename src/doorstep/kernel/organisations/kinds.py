"""Kinds of unit and posts the programme has, by the field's standard terms (docs/glossary.md)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

UNIT_KINDS: dict[str, Promise] = {
    "district_committee": _("区委"),
    "district_government": _("区政府"),
    "department": _("区直部门"),
    "street_working_committee": _("街道党工委"),
    "street_office": _("街道办事处"),
    "community_party_organisation": _("社区党组织"),
    "grid_party_branch": _("网格党支部"),
    "building_party_group": _("楼栋党小组"),
    "compound_party_branch": _("小区楼院党支部"),
    "company_party_organisation": _("企业党组织"),
    "trade_party_committee": _("行业党委"),
    "residents_committee": _("居民委员会"),
    "owners_committee": _("业主委员会"),
    "self_governance_committee": _("自治委员会"),
    "property_company": _("物业企业"),
    "company": _("企业"),
    "merchant": _("商户"),
    "social_organisation": _("社会组织"),
    "public_institution": _("事业单位"),
    "volunteer_federation": _("志愿服务联合会"),
    "volunteer_team": _("志愿服务队"),
    "platform_administration": _("平台管理"),
}

# Which units others may stand under, widest first; and what a unit of a kind usually stands under, as a proposal.
SUPERIOR_KINDS = (
    "district_committee", "district_government", "department", "trade_party_committee", "volunteer_federation",
    "street_working_committee", "street_office", "community_party_organisation", "residents_committee",
    "company_party_organisation", "owners_committee", "company", "property_company", "social_organisation",
    "public_institution",
)  # fmt: skip
USUAL_SUPERIOR = {
    "department": "district_government", "street_working_committee": "district_committee",
    "street_office": "district_government", "trade_party_committee": "district_committee",
    "community_party_organisation": "street_working_committee", "residents_committee": "street_office",
    "compound_party_branch": "community_party_organisation", "volunteer_team": "volunteer_federation",
    "self_governance_committee": "residents_committee", "company_party_organisation": "trade_party_committee",
}  # fmt: skip


@dataclass(frozen=True)
class Post:
    """A post people are appointed to. `sole`: one holder at a time in a unit. `kinds`: units that have it."""

    code: str
    name: Promise
    kinds: tuple[str, ...]
    sole: bool = False
    carries_places: bool = False  # the appointment names its own grids or compounds


_POSTS = (
    Post("district_officer", _("区级工作人员"), ("district_committee", "district_government")),
    Post("hotline_officer", _("热线工作人员"), ("district_government", "department")),
    Post("department_officer", _("部门工作人员"), ("department",)),
    Post("street_officer", _("街道工作人员"), ("street_working_committee", "street_office")),
    Post("community_secretary", _("社区党组织书记"), ("community_party_organisation",), sole=True),
    Post("community_deputy_secretary", _("社区党组织副书记"), ("community_party_organisation",)),
    Post("community_committee_member", _("社区党组织委员"), ("community_party_organisation",)),
    Post("part_time_commissioner", _("兼职委员"), ("community_party_organisation",)),
    Post("residents_committee_chair", _("居委会主任"), ("residents_committee",), sole=True),
    Post("community_worker", _("社区工作者"), ("residents_committee",)),
    Post("branch_secretary", _("党支部书记"), ("grid_party_branch", "compound_party_branch"), sole=True),
    Post("branch_committee_member", _("党支部委员"), ("grid_party_branch", "compound_party_branch")),
    Post("group_leader", _("党小组组长"), ("building_party_group",), sole=True),
    Post("grid_worker", _("专职网格员"), ("residents_committee",), carries_places=True),
    Post("property_manager", _("物业项目经理"), ("property_company",), carries_places=True),
    Post("merchant_manager", _("商户负责人"), ("merchant",), sole=True),
    Post("merchant_clerk", _("商户店员"), ("merchant",)),
    Post(
        "unit_liaison",
        _("共建联络员"),
        (
            "company",
            "merchant",
            "social_organisation",
            "department",
            "property_company",
            "public_institution",
        ),
    ),
    Post("team_leader", _("志愿服务队队长"), ("volunteer_team",), sole=True),
    Post("enterprise_cadre", _("入企干部"), ("company", "property_company", "social_organisation")),
    Post("party_building_instructor", _("党建指导员"), ("street_working_committee", "trade_party_committee")),
    Post("system_administrator", _("系统管理员"), ("platform_administration",)),
    Post("security_administrator", _("安全管理员"), ("platform_administration",)),
    Post("audit_administrator", _("审计管理员"), ("platform_administration",)),
)
POSTS: dict[str, Post] = {post.code: post for post in _POSTS}
ADMINISTRATION_POSTS = ("system_administrator", "security_administrator", "audit_administrator")
