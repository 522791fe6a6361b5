"""Two years of partners of the demo: the programme's figures from rows, everything by its rules, once."""

from __future__ import annotations

import pytest

from doorstep.demo.partners import cast_life, past
from doorstep.kernel.indicators.selectors import figure
from doorstep.kernel.obligations.models import Minutes, Occurrence
from doorstep.kernel.organisations.models import Appointment
from doorstep.modules.partnership.models import (
    Agreement,
    Consultation,
    Deed,
    Gathering,
    Nomination,
    Pairing,
    Resolution,
)
from doorstep.modules.partnership.models_meetings import Held
from tests.conftest import DEMO_DAY

DISTRICT, COMMUNITY = "210202", "210202005011"


@pytest.fixture
def loaded(demo_database):
    assert past.is_missing()
    cast_life.play(DEMO_DAY)
    assert past.load() >= 600 and not past.is_missing()


def value(key: str, place: str = DISTRICT) -> float | None:
    return figure(f"partnership.{key}", place, on=DEMO_DAY).value


def test_the_figures_come_out_from_rows(loaded):
    assert value("part_time_commissioners") == 366
    assert (value("partner_units") or 0) >= 600
    assert value("institutions") == 3 and value("institutions", COMMUNITY) == 3
    assert (value("part_time_commissioners", COMMUNITY) or 0) in (5, 6)
    counts = {
        model: model.objects.count()
        for model in (Agreement, Nomination, Consultation, Resolution, Gathering, Pairing, Deed)
    }
    assert past.load() == value("partner_units")  # once
    assert counts == {model: model.objects.count() for model in counts}
    seats = Nomination.objects.filter(appointment__isnull=False)
    assert seats.count() == 366 and set(seats.values_list("matter__state", flat=True)) == {"publicised"}
    assert Appointment.objects.filter(post="part_time_commissioner").count() == 366
    assert counts[Consultation] >= 240 and counts[Resolution] >= 400 and counts[Pairing] >= 65
    assert not Resolution.objects.filter(minutes__quorate=False).exists()
    assert Minutes.objects.filter(kind="joint_meeting", quorate=False).exists()
    assert Held.objects.count() == 520 and counts[Deed] >= 400
    kept = Occurrence.objects.filter(code="joint_meeting", proof__isnull=False).count()
    assert (
        kept >= 200 and Occurrence.objects.filter(code="joint_activity", proof__isnull=False).count() >= 400
    )
