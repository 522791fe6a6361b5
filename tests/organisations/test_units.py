"""Units: every change from a day on, history kept, refusals in words."""

import pytest
from django.db import IntegrityError, transaction

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.organisations import rules, services
from doorstep.kernel.organisations.models import UnitLineage, UnitVersion
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from tests.accounts import on_record
from tests.organisations import world
from tests.organisations.world import (
    COMMUNITY,
    NEIGHBOUR,
    SISTER,
    STREET,
    SYSTEM,
    branch,
    day,
    officer,
    party,
)

pytestmark = pytest.mark.usefixtures("places")
STREET_OFFICER = officer("street_officer", STREET, name="演示街道干部")


def versions(unit):
    return list(UnitVersion.objects.filter(unit=unit).order_by("valid_from"))


def test_a_change_closes_one_version_and_opens_the_next():
    unit = branch()
    services.rename_unit(
        actor=STREET_OFFICER, unit_id=unit.pk, name="新名支部", effective_on=day("2025-03-01"), document="文1"
    )
    old, new = versions(unit)
    assert (old.name, old.valid_to, new.name, new.valid_from, new.valid_to) == (
        "演示第一支部", day("2025-03-01"), "新名支部", day("2025-03-01"), None,
    )  # fmt: skip
    assert (new.pinyin, new.document) == ("xinmingzhibu", "文1")
    assert [row.kind for row in UnitLineage.objects.filter(unit=unit).order_by("id")] == [
        "established",
        "renamed",
    ]


def test_the_audit_tells_who_changed_what_from_which_scope():
    unit = branch()
    services.change_office(
        actor=STREET_OFFICER, unit_id=unit.pk, phone="0411-80000001", effective_on=day("2026-06-15")
    )
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.account_id, entry.scope) == (
        "organisations.adjusted", STREET_OFFICER.account_id, "street_officer@210202005",
    )  # fmt: skip
    assert entry.changes["phone"] == ["", "0411-80000001"]
    assert entry.changes["lock_version"] == [1, 2]


def test_two_changes_on_one_day_leave_the_days_outcome():
    unit = branch()
    for name in ["甲名", "乙名"]:
        services.rename_unit(
            actor=SYSTEM, unit_id=unit.pk, name=name, effective_on=day("2025-03-01"), document="文"
        )
    assert [row.name for row in versions(unit)] == ["演示第一支部", "乙名"]


def test_nothing_can_be_slipped_in_before_a_recorded_change():
    unit = branch()
    services.rename_unit(
        actor=SYSTEM, unit_id=unit.pk, name="将来名", effective_on=day("2026-09-01"), document="文9"
    )
    with pytest.raises(RuleViolation, match=r"2026-09-01.*文9"):
        services.rename_unit(
            actor=SYSTEM, unit_id=unit.pk, name="插名", effective_on=day("2026-07-01"), document="文8"
        )


def test_the_second_officer_is_told_what_changed_by_whom_and_when():
    unit = branch()
    services.rename_unit(
        actor=on_record(STREET_OFFICER),
        unit_id=unit.pk,
        name="先到的名",
        effective_on=day("2026-06-15"),
        document="文",
        expected_version=1,
    )
    with pytest.raises(Conflict) as refusal:
        services.rename_unit(
            actor=SYSTEM,
            unit_id=unit.pk,
            name="后到的名",
            effective_on=day("2026-06-15"),
            document="文",
            expected_version=1,
        )
    text = str(refusal.value)
    assert "演示街道干部于 2026-06-15 12:00 调整" in text
    assert "名称由“演示第一支部”改为“先到的名”" in text


def test_a_unit_is_never_above_itself_on_any_day():
    top = party()
    middle = branch(superior_id=top.pk)
    low = branch("演示第二支部", superior_id=middle.pk)
    with pytest.raises(RuleViolation, match="绕成一圈"):
        services.move_unit(
            actor=SYSTEM, unit_id=top.pk, superior_id=low.pk, effective_on=day("2026-06-15"), document="文"
        )
    services.move_unit(
        actor=SYSTEM, unit_id=low.pk, superior_id=top.pk, effective_on=day("2026-08-01"), document="文"
    )
    with pytest.raises(RuleViolation, match="绕成一圈"):
        services.move_unit(
            actor=SYSTEM, unit_id=middle.pk, superior_id=low.pk, effective_on=day("2026-07-01"), document="文"
        )
    services.move_unit(
        actor=SYSTEM, unit_id=middle.pk, superior_id=low.pk, effective_on=day("2026-08-01"), document="文"
    )


def test_a_unit_with_others_under_it_does_not_end():
    top = party()
    branch(superior_id=top.pk)
    with pytest.raises(RuleViolation, match="其下还有 1 个单位（演示第一支部）"):
        services.dissolve_unit(actor=SYSTEM, unit_id=top.pk, effective_on=day("2026-06-15"), document="文")


def test_dissolving_ends_the_appointments_and_keeps_everything():
    unit = branch()
    held = services.appoint(
        actor=SYSTEM,
        person_id=world.person("演示甲一").pk,
        post="branch_secretary",
        unit_id=unit.pk,
        valid_from=day("2024-02-01"),
    )
    later = services.appoint(
        actor=SYSTEM,
        person_id=world.person("演示甲二").pk,
        post="branch_committee_member",
        unit_id=unit.pk,
        valid_from=day("2026-09-01"),
    )
    services.dissolve_unit(
        actor=STREET_OFFICER, unit_id=unit.pk, effective_on=day("2026-07-01"), document="文"
    )
    held.refresh_from_db()
    unit.refresh_from_db()
    assert (held.valid_to, held.end_reason, unit.ended_on) == (day("2026-07-01"), "撤销", day("2026-07-01"))
    assert not type(later).objects.filter(pk=later.pk).exists()
    assert [row.valid_to for row in versions(unit)] == [day("2026-07-01")]
    with pytest.raises(RuleViolation, match="自 2026-07-01 起已撤销"):
        services.rename_unit(
            actor=SYSTEM, unit_id=unit.pk, name="晚了", effective_on=day("2026-08-01"), document="文"
        )


def test_merging_moves_what_stood_under_and_keeps_lineage():
    first, second = branch(), branch("演示第二支部")
    group = party("演示小组", kind="building_party_group", superior_id=first.pk)
    services.merge_units(
        actor=STREET_OFFICER,
        unit_ids=[first.pk],
        into_id=second.pk,
        effective_on=day("2026-07-01"),
        document="文合",
    )
    assert versions(group)[-1].superior_id == second.pk
    row = UnitLineage.objects.get(unit=first, kind="merged")
    assert (row.other_id, row.document) == (second.pk, "文合")
    with pytest.raises(Conflict):
        services.rename_unit(
            actor=SYSTEM,
            unit_id=second.pk,
            name="名",
            effective_on=day("2026-07-02"),
            document="文",
            expected_version=1,
        )


def test_merging_two_into_a_new_one_founded_that_day():
    first, second = branch(), branch("演示第二支部")
    new = branch("演示联合支部", founded_on=day("2026-07-01"))
    services.merge_units(
        actor=SYSTEM,
        unit_ids=[first.pk, second.pk],
        into_id=new.pk,
        effective_on=day("2026-07-01"),
        document="文合",
    )
    first.refresh_from_db()
    assert first.ended_on == day("2026-07-01")
    assert new.lineage_as_other.filter(kind="merged").count() == 2


def test_splitting_founds_parts_and_hands_over_what_stood_under():
    top = party()
    unit = branch(superior_id=top.pk)
    group = party("演示小组", kind="building_party_group", superior_id=unit.pk)
    part = services.NewUnit(
        kind="grid_party_branch", name="演示三支部", place_code=COMMUNITY, founded_on=day("2026-07-01")
    )
    (made,) = services.split_unit(
        actor=STREET_OFFICER,
        unit_id=unit.pk,
        parts=[part],
        below={group.pk: 0},
        effective_on=day("2026-07-01"),
        document="文分",
    )
    assert versions(made)[0].superior_id == top.pk
    assert versions(group)[-1].superior_id == made.pk
    assert UnitLineage.objects.get(unit=made).other_id == unit.pk
    assert UnitLineage.objects.get(unit=unit, kind="split").other_id == made.pk


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": "  "}, "请填写名称"),
        ({"name": "甲" * 121}, "最多 120"),
        ({"name": "甲\n乙"}, "换行"),
        ({"place_code": "210202999"}, "没有代码为 210202999 的地方"),
        ({"place_code": "2102a2"}, "没有代码"),
        ({"place_code": STREET}, "不能设在这一级地方"),
        ({"founded_on": day("1850-01-01")}, "早于 1900"),
        ({"founded_on": day("2090-01-01")}, "晚于今天三年"),
        ({"document": ""}, "批准文号"),
        ({"superior_id": 987654321}, "没有找到上级单位"),
        ({"credit_code": "91110108551385082R"}, "最后一位校验码"),
        ({"kind": "kingdom"}, "没有这种单位类型"),
    ],
)
def test_a_unit_is_not_founded_on_bad_input(values, words):
    with pytest.raises(RuleViolation, match=words):
        party(**values) if "place_code" not in values else party(place=values["place_code"])


def test_names_of_one_and_of_forty_characters():
    assert versions(branch("社"))[0].name == "社"
    assert versions(branch("长" * 40))[0].initials == "c" * 40


def test_a_superior_exists_before_its_subordinate_and_does_not_end():
    young = party(founded_on=day("2026-01-01"))
    with pytest.raises(RuleViolation, match="2026-01-01 才成立"):
        branch(superior_id=young.pk)
    services.dissolve_unit(actor=SYSTEM, unit_id=young.pk, effective_on=day("2026-08-01"), document="文")
    with pytest.raises(RuleViolation, match="自 2026-08-01 起撤销"):
        branch(superior_id=young.pk, founded_on=day("2026-02-01"))


def test_one_living_unit_of_a_kind_per_credit_code():
    party(kind="company", credit_code="91110108551385082Q")
    with pytest.raises(RuleViolation, match="已由“演示社区党委”使用"):
        party("另一家", kind="company", credit_code="9111 0108 5513 8508 2q")
    party("其商户", kind="merchant", credit_code="91110108551385082Q")


def test_outside_the_scope_a_unit_does_not_exist():
    unit = branch()
    outsider = officer("street_officer", NEIGHBOUR)
    with pytest.raises(NotVisible):
        services.rename_unit(
            actor=outsider, unit_id=unit.pk, name="名", effective_on=day("2026-06-15"), document="文"
        )
    with pytest.raises(NotVisible):
        services.move_unit(
            actor=STREET_OFFICER,
            unit_id=unit.pk,
            place_code=world.ABROAD,
            effective_on=day("2026-06-15"),
            document="文",
        )


def test_a_secretary_adjusts_groups_not_branches():
    secretary = officer("community_secretary", COMMUNITY)
    group = party("演示小组", kind="building_party_group")
    services.rename_unit(
        actor=secretary, unit_id=group.pk, name="演示一组", effective_on=day("2026-06-15"), document="文"
    )
    with pytest.raises(NotAllowed):
        services.rename_unit(
            actor=secretary, unit_id=branch().pk, name="名", effective_on=day("2026-06-15"), document="文"
        )
    with pytest.raises(NotVisible):
        services.found_unit(
            actor=secretary,
            kind="building_party_group",
            name="邻社区小组",
            place_code=SISTER,
            founded_on=world.START,
            document="文",
        )


def test_the_database_itself_refuses_overlapping_versions():
    unit = branch()
    with pytest.raises(IntegrityError), transaction.atomic():
        UnitVersion.objects.create(
            unit=unit, kind=unit.kind, name="重叠", place_code=COMMUNITY, valid_from=day("2025-01-01")
        )


def test_versions_fill_the_life_of_the_unit():
    unit = branch()
    for text in ["2024-05-01", "2025-05-01", "2026-05-01"]:
        services.rename_unit(
            actor=SYSTEM, unit_id=unit.pk, name=f"名{text}", effective_on=day(text), document="文"
        )
    periods = [(row.valid_from, row.valid_to) for row in versions(unit)]
    assert rules.covers_without_gap((unit.founded_on, None), periods)
