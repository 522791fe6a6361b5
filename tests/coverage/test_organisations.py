"""Organisations: registered once for their code, inside the district alone; counted forward, never backwards."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from shapely.geometry import box, mapping

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.organisations import services as kernel
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.places.inputs import NewOutline
from doorstep.kernel.places.models import Area
from doorstep.kernel.places.services_outlines import add_outlines
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.coverage import services
from doorstep.modules.coverage.models import HeadCount, Profile
from doorstep.modules.coverage.selectors import by_state, organisations, with_state
from tests.coverage.world import (
    COUNTED,
    FOUNDED,
    ONE,
    SYSTEM,
    TODAY,
    TWO,
    World,
    code,
    new,
    registered,
    wrong_code,
)

DAY = dt.timedelta(days=1)


def test_registered_it_is_a_unit_at_the_place_of_its_position(world: World) -> None:
    row = registered(world)
    assert (row.place_code, row.unit.kind, row.unit.founded_on) == (ONE, "company", FOUNDED)
    assert row.unit.versions.get().address == row.address
    assert Entry.objects.filter(action="coverage.registered").count() == 1


def test_a_wrong_check_digit_is_refused_at_its_field(world: World) -> None:
    with pytest.raises(RuleViolation, match="最后一位校验码不对") as refused:
        registered(world, credit_code=wrong_code(900))
    assert refused.value.field == "credit_code"
    assert not Profile.objects.exists()


def test_a_code_is_registered_once(world: World) -> None:
    registered(world, credit_code=code(901))
    with pytest.raises(Conflict, match="已经登记"):
        registered(world, credit_code=code(901), name="另一个名字")
    assert Profile.objects.count() == 1


@pytest.mark.parametrize(
    ("position", "said", "field"),
    [
        ((121.90, 38.92), "不在本区", "longitude"), ((0.0, 0.0), "坐标|经度|位置", "longitude"), ((121.62, None), "都填", "longitude"),
    ],
)  # fmt: skip
def test_outside_the_district_nothing_is_registered(
    world: World, position: tuple[float, float | None], said: str, field: str
) -> None:
    with pytest.raises(RuleViolation, match=said) as refused:
        registered(world, longitude=position[0], latitude=position[1])
    assert refused.value.field == field and not Profile.objects.exists()


def test_a_place_that_its_position_does_not_lie_in_is_refused(world: World) -> None:
    with pytest.raises(RuleViolation, match="不一致") as refused:
        registered(world, place_code=TWO)
    assert refused.value.field == "place_code"


def test_without_a_position_the_address_of_a_building_gives_it(world: World) -> None:
    given = {"longitude": None, "latitude": None}
    with pytest.raises(RuleViolation, match="定不了位置"):
        registered(world, address="没有这个地址", **given)
    with pytest.raises(RuleViolation, match="定不了位置"):
        registered(world, address="演示街1号", **given)  # both communities have such a building
    row = registered(world, address="演示街1号", place_code=ONE, **given)
    assert (row.place_code, row.longitude) == (ONE, 121.6)


def test_who_registers_where(world: World) -> None:
    with pytest.raises(NotAllowed):
        services.register_organisation(actor=world.actor("secretary"), new=new())
    for role in ("outsider", "resident", "property"):
        with pytest.raises((NotVisible, NotAllowed)):
            services.register_organisation(actor=world.actor(role), new=new())
    with pytest.raises(NotVisible):  # the street's, not of this street
        services.register_organisation(actor=world.actor("street"), new=new(longitude=121.68))
    assert (
        services.register_organisation(actor=world.actor("district"), new=new(longitude=121.68)).place_code
        == TWO
    )


def test_counts_go_forward(world: World) -> None:
    row = registered(world, full=2)
    secretary = world.actor("secretary")

    def count(day: dt.date, full: int, staff: int = 30) -> HeadCount:
        return services.record_count(
            actor=secretary, organisation_id=row.pk, counted_on=day, staff=staff, full=full
        )

    with pytest.raises(RuleViolation, match="不能再登记更早的") as refused:
        count(COUNTED - DAY, 5)
    assert refused.value.field == "counted_on"
    with pytest.raises(RuleViolation, match="不能晚于今天"):
        count(TODAY + DAY, 5)
    with pytest.raises(RuleViolation, match="才成立"):
        count(FOUNDED - DAY, 5)
    count(COUNTED, 3)  # the last day's is put right
    assert HeadCount.objects.get().full == 3
    count(TODAY, 4)
    assert list(HeadCount.objects.order_by("valid_from").values_list("full", "valid_to")) == [
        (3, TODAY), (4, None),
    ]  # fmt: skip
    entries = Entry.objects.count()
    assert count(TODAY, 4).full == 4 and Entry.objects.count() == entries, "the same again writes nothing"
    as_of = {
        day: with_state(Profile.objects.all(), day).get().full for day in (COUNTED - DAY, COUNTED, TODAY)
    }
    assert as_of == {COUNTED - DAY: None, COUNTED: 3, TODAY: 4}


@pytest.mark.parametrize(
    ("staff", "full", "said"),
    [(-1, 0, "职工人数"), (5, -1, "小于 0"), (5, 6, "不能多于"), (100_001, 0, "职工人数")],
)
def test_impossible_counts(world: World, staff: int, full: int, said: str) -> None:
    row = registered(world)
    with pytest.raises(RuleViolation, match=said):
        services.record_count(
            actor=world.actor("street"), organisation_id=row.pk, counted_on=TODAY, staff=staff, full=full
        )


def test_members_on_probation_are_people_too(world: World) -> None:
    row, street = registered(world), world.actor("street")
    given = {"organisation_id": row.pk, "counted_on": TODAY, "staff": 5, "full": 4}
    with pytest.raises(RuleViolation, match="不能多于"):
        services.record_count(actor=street, **given, probationary=2)
    with pytest.raises(RuleViolation, match="小于 0"):
        services.record_count(actor=street, **given, probationary=-1)
    assert services.record_count(actor=street, **given, probationary=1).probationary == 1


def test_a_neighbouring_district_registers_its_own(world: World) -> None:
    """A position that is in a district on record, which is not this one."""
    Area.objects.create(
        code="210203",
        parent_id="2102",
        level="county",
        edition=2023,
        name="演示邻区",
        pinyin="linqu",
        initials="lq",
    )
    beyond = json.dumps(mapping(box(121.80, 38.90, 121.85, 38.95)))
    add_outlines(
        actor=SYSTEM,
        outlines=[NewOutline("210203", beyond, "示意", illustrative=True)],
        valid_from=dt.date(2020, 1, 1),
    )
    with pytest.raises(RuleViolation, match="不在本区") as refused:
        registered(world, who="district", longitude=121.82, latitude=38.92)
    assert refused.value.field == "longitude" and not Profile.objects.exists()


def test_correcting(world: World) -> None:
    row = registered(world)
    street = world.actor("street")
    changed = services.correct_organisation(
        actor=street,
        organisation_id=row.pk,
        name="改名的公司",
        trade="law",
        address=row.address,
        expected_version=1,
    )
    row.refresh_from_db()
    assert (
        changed and row.trade == "law" and row.unit.versions.order_by("-valid_from")[0].name == "改名的公司"
    )
    with pytest.raises(Conflict):
        services.correct_organisation(
            actor=street,
            organisation_id=row.pk,
            name="又改",
            trade="law",
            address=row.address,
            expected_version=1,
        )
    with pytest.raises(RuleViolation, match="另一个社区"):
        services.correct_organisation(
            actor=street, organisation_id=row.pk, name="改名的公司", trade="law", address="远路", longitude=121.68,
            latitude=38.92,
        )  # fmt: skip


def test_a_property_company_on_record_gets_its_profile(world: World) -> None:
    unit = world.units["property_company", "210202005"]
    kernel.set_credit_code(actor=SYSTEM, unit_id=unit.pk, credit_code=code(778))
    row = registered(world, kind="property_company", trade="property", credit_code=code(778))
    assert row.unit_id == unit.pk and Unit.objects.get(pk=unit.pk).coverage_profile == row


def test_each_sees_their_own(world: World) -> None:
    registered(world), registered(world, who="district", longitude=121.68)
    seen = {role: organisations(world.actor(role)).count() for role in ("street", "district", "secretary", "outsider", "resident", "property")}  # fmt: skip
    assert seen == {"street": 1, "district": 2, "secretary": 1, "outsider": 1, "resident": 0, "property": 0}
    assert by_state(world.actor("street"), ONE, TODAY) == {"own": 0, "joint": 0, "instructor": 0, "gap": 1}


def test_a_unit_of_another_community_is_not_registered_here(world: World) -> None:
    kernel.found_unit(
        actor=SYSTEM, kind="company", name="演示邻社区公司", place_code=TWO, founded_on=dt.date(2020, 1, 1),
        credit_code=code(777),
    )  # fmt: skip
    with pytest.raises(RuleViolation, match="登记在别处") as refused:
        registered(world, credit_code=code(777))
    assert refused.value.field == "credit_code" and not Profile.objects.exists()
