"""The rule set as first known. A later change adds rows with their own dates; open rows are ended, not edited."""

from datetime import date

from django.db import migrations

REGULATION = "《中国共产党支部工作条例（试行）》"
PRACTICE = "通行做法，条例未作统一规定，按上级党组织批准执行"
FROM = date(1949, 10, 1)

RULES = [
    ("branch.full_min", 3, f"{REGULATION}第二章：正式党员3人以上的，应当成立党支部"),
    ("branch.members_max", 50, f"{REGULATION}第二章：党支部党员人数一般不超过50人"),
    ("joint_branch.units_max", 5, f"{REGULATION}第二章：联合党支部覆盖单位一般不超过5个"),
    ("general_branch.members_min", 50, f"党总支党员一般50人以上（{PRACTICE}）"),
    ("general_branch.members_below", 100, f"党总支党员一般不足100人（{PRACTICE}）"),
    ("party_committee.members_min", 100, f"党委党员一般100人以上（{PRACTICE}）"),
    ("branch.committee_from", 7, f"{REGULATION}第六章：正式党员7人以上的党支部应当设立支部委员会"),
    ("branch.committee_min", 3, f"{REGULATION}第六章：支部委员会由3至5人组成，一般不超过7人"),
    ("branch.committee_max", 7, f"{REGULATION}第六章：支部委员会由3至5人组成，一般不超过7人"),
    ("general_branch.committee_size", [5, 7], f"党总支委员会一般5至7人（{PRACTICE}）"),
    ("party_committee.committee_size", [5, 9], f"党委委员会一般5至9人（{PRACTICE}）"),
    ("term.years.community_party_organisation", 5, "《中国共产党章程》及有关规定：社区党组织每届任期5年"),
    ("term.years.grid_party_branch", 5, f"{REGULATION}第六章：村、社区党支部委员会每届任期5年"),
    ("term.years.compound_party_branch", 5, f"{REGULATION}第六章：村、社区党支部委员会每届任期5年"),
    ("term.years.other", 3, f"{REGULATION}第六章：其他基层单位党支部委员会一般每届任期3年"),
    ("term.warn_days", [180, 90, 30], "任期届满前180、90、30日提醒（本平台约定）"),
    ("term.shift", 0, "《中国共产党基层组织选举工作条例》第二章：延期或者提前换届应当报上级党组织批准"),
    ("term.shift_max_years", 1, "《中国共产党基层组织选举工作条例》第二章：延长或者提前期限一般不超过1年"),
    ("group.members_min", 3, f"党小组一般3人以上（{PRACTICE}）"),
    ("group.full_min", 1, f"党小组至少有1名正式党员（{PRACTICE}）"),
    ("group.adjacent_metres", 120, "楼栋相邻、便于管理：相邻按两栋间距不超过120米认定（本平台约定，可调整）"),
    ("group.in_branch", True, "楼栋党小组在一个党支部的网格范围内组建"),
    ("leader.sole", True, "每个党组织设书记1名，党小组设组长1名"),
    ("leader.required", True, f"{REGULATION}第六章：党支部设书记1名；党小组应当有组长"),
    ("member_count.fresh_days", 366, "党员人数至少每年统计一次（本平台约定）"),
    ("chain.coverage", True, "健全“社区党组织—网格党支部—楼栋党小组—党员中心户”四级链条"),
]


def seed(apps, schema_editor):
    model = apps.get_model("chain", "RuleValue")
    model.objects.bulk_create(
        model(key=key, value=value, clause=clause, valid_from=FROM) for key, value, clause in RULES
    )


class Migration(migrations.Migration):
    dependencies = [("chain", "0001_initial")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop, elidable=False)]
