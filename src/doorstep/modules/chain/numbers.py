"""The numbers of the chain: sizes, terms, what is reminded of."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.numbers import Number, Numbers, declare
from doorstep.modules.chain.models import RuleValue

_PEOPLE, _YEARS, _DAYS, _UNITS = _("人"), _("年"), _("天"), _("个")

declare(
    Numbers("chain", _("组织链条"), RuleValue, (
        Number("branch.full_min", _("成立党支部至少有多少正式党员"), _PEOPLE, least=1, most=20),
        Number("branch.members_max", _("党支部一般不超过多少党员"), _PEOPLE, least=1, most=500),
        Number("joint_branch.units_max", _("联合党支部一般不超过多少单位"), _UNITS, least=1, most=50),
        Number("general_branch.members_min", _("党总支一般至少有多少党员"), _PEOPLE, least=1, most=500),
        Number("general_branch.members_below", _("党总支一般少于多少党员"), _PEOPLE, least=1, most=1000),
        Number("party_committee.members_min", _("党委一般至少有多少党员"), _PEOPLE, least=1, most=1000),
        Number("branch.committee_from", _("多少正式党员起设支部委员会"), _PEOPLE, least=1, most=50),
        Number("branch.committee_min", _("支部委员会至少多少人"), _PEOPLE, least=1, most=20),
        Number("branch.committee_max", _("支部委员会至多多少人"), _PEOPLE, least=1, most=20),
        Number("general_branch.committee_size", _("党总支委员会人数（至少、至多）"), _PEOPLE, "wholes", 1, 20, 2),
        Number("party_committee.committee_size", _("党委委员会人数（至少、至多）"), _PEOPLE, "wholes", 1, 30, 2),
        Number("term.years.community_party_organisation", _("社区党组织每届任期"), _YEARS, least=1, most=10),
        Number("term.years.grid_party_branch", _("网格党支部每届任期"), _YEARS, least=1, most=10),
        Number("term.years.compound_party_branch", _("小区党支部每届任期"), _YEARS, least=1, most=10),
        Number("term.years.other", _("其他基层单位党支部每届任期"), _YEARS, least=1, most=10),
        Number("term.warn_days", _("任期届满前几天提醒（三次）"), _DAYS, "wholes", 1, 366, 3, falling=True),
        Number("term.shift", _("换届可以不经批准提前或延后"), _DAYS, most=366),
        Number("term.shift_max_years", _("换届提前或延后至多"), _YEARS, most=5),
        Number("group.members_min", _("党小组一般至少有多少人"), _PEOPLE, least=1, most=50),
        Number("group.full_min", _("党小组至少有多少正式党员"), _PEOPLE, most=20),
        Number("group.members_usual", _("做楼栋党小组方案时每组大约多少人"), _PEOPLE, least=1, most=200),
        Number("group_plan.versions_kept", _("一个小组方案最多留多少步"), _("步"), least=5, most=500),
        Number("group.adjacent_metres", _("楼栋相距多少以内算相邻"), _("米"), least=10, most=2000),
        Number("group.in_branch", _("楼栋党小组须在一个党支部的网格里"), kind="yes"),
        Number("leader.sole", _("书记、组长只设一名"), kind="yes"),
        Number("leader.required", _("应当有书记、组长"), kind="yes"),
        Number("member_count.fresh_days", _("党员人数多久以内统计过"), _DAYS, least=1, most=1100),
        Number("chain.coverage", _("检查四级链条是否健全"), kind="yes"),
    ))
)  # fmt: skip
