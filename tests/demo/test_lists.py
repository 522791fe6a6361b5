"""The demo district's two years of the four lists: many projects, each by the rules, and once."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, F

from doorstep.demo.cast import COMMUNITY
from doorstep.demo.lists import cast_life, past
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.partnership.models import Agreement
from doorstep.modules.partnership.models_lists import (
    Booking,
    Listed,
    Need,
    Project,
    Rating,
    Resource,
    Responsibility,
)
from doorstep.modules.partnership.rules_lists import outside_times
from doorstep.modules.partnership.services import NewAgreement, sign_agreement
from tests.conftest import DEMO_DAY

DAY = dt.timedelta(days=1)
SINCE = DEMO_DAY - 740 * DAY


def _partners() -> None:
    """Units of the district's first days with agreements through the two years, as many as there are streets to serve."""
    actor = system_actor("tests")
    kinds = ("merchant", "property_company", "company", "social_organisation")
    rows = (
        UnitVersion.objects.in_force()
        .filter(within("place_code", [past.DISTRICT]), kind__in=kinds)
        .order_by("unit_id")
    )
    streets = sorted({row.place_code[:9] for row in rows if len(row.place_code) >= 9})
    for number, row in enumerate(rows[:40]):
        street = row.place_code[:9] if len(row.place_code) >= 9 else streets[number % len(streets)]
        if not Agreement.objects.filter(unit=row.unit_id, place_code=street).exists():
            new = NewAgreement(
                unit_id=row.unit_id, place_code=street, valid_from=SINCE, valid_to=SINCE + 1000 * DAY, about="共建",
                document=f"演共建〔2024〕{number}号",
            )  # fmt: skip
            sign_agreement(actor=actor, new=new)


def test_what_the_cast_has_in_hand(demo_database: str) -> None:
    """Everybody of the chain has something to do, by the live services; once, and not before the agreement."""
    assert cast_life.play(DEMO_DAY) == 0
    unit = Appointment.objects.get(person__account__username="partner", post="unit_liaison").unit_id
    with clock.fixed(DEMO_DAY):
        new = NewAgreement(
            unit_id=unit, place_code=COMMUNITY, valid_from=DEMO_DAY - 345 * DAY, valid_to=DEMO_DAY + 20 * DAY, about="共建",
            document="演共建〔2025〕1号",
        )  # fmt: skip
        sign_agreement(actor=system_actor("tests"), new=new)
    assert cast_life.play(DEMO_DAY) == 1 and cast_life.play(DEMO_DAY) == 0
    states = dict(Matter.objects.filter(kind="need").values_list("state").annotate(Count("pk")))
    assert states == {
        "collected": 1,
        "published": 3,
        "claimed": 1,
        "running": 1,
        "delivered": 1,
        "confirmed": 1,
    }


def test_two_years_of_the_lists(demo_database: str) -> None:
    with clock.fixed(DEMO_DAY):
        _partners()
        assert not past.is_missing()  # the 600 units of the partners are not in
        number = past.load()
        again = past.load()
    assert number == again == Project.objects.count()
    for year in (1, 2):
        until = DEMO_DAY - (year - 1) * 365 * DAY
        confirmed = Project.objects.filter(
            confirmed_on__gt=until - 365 * DAY, confirmed_on__lte=until
        ).count()
        assert confirmed > 0
    assert Project.objects.filter(confirmed_on__lt=F("delivered_on")).count() == 0
    assert Resource.objects.values("resource_class").distinct().count() == 7
    listed = Listed.objects.filter(until=None).values_list("on_list").annotate(Count("pk"))
    assert len(dict(listed)) == 4
    assert Need.objects.filter(matter__state="collected").exists() and Rating.objects.count() > 1000
    states = set(Matter.objects.filter(kind="project").values_list("state", flat=True))
    assert {"agreed", "running", "delivered", "confirmed"} <= states
    for row in Project.objects.filter(confirmed_on__isnull=False).select_related("need__matter")[:200]:
        assert row.need.matter.state in ("confirmed", "rated")
    assert Responsibility.objects.count() == 2 * number
    _uses(number)


def _uses(projects: int) -> None:
    """Most projects use something of the kind that was needed, within its hours; nothing has more uses at once than seats."""
    used = Booking.objects.select_related("resource", "project__need")
    assert used.values("project").distinct().count() >= projects * 0.3
    for row in used:
        starts, ends = (each.astimezone(clock.DISTRICT_ZONE) for each in (row.starts_at, row.ends_at))
        what = row.resource
        assert outside_times(starts, ends, what.weekdays, what.opens, what.closes) == ""
        assert row.seat <= what.capacity and what.resource_class == row.project.need.resource_class
        assert row.project.starts_on <= starts.date() <= row.project.ends_on
    told = Need.objects.filter(located=True).select_related("matter")
    assert told.exists() and not told.filter(matter__source__in=("street", "platform")).exists()
    for project in Project.objects.select_related("matter", "need__matter")[:50]:
        assert project.matter.source == project.need.matter.source
