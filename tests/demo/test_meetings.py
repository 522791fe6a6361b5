"""Two years of meetings come in by the platform's own services, and quickly."""

import time

import pytest

from doorstep.demo import meetings
from doorstep.kernel.obligations.models import Minutes, Occurrence
from doorstep.kernel.obligations.selectors import KEPT, LATE, OVERDUE, in_state
from doorstep.kernel.shared import clock


@pytest.mark.usefixtures("demo_database")
def test_two_years_of_meetings(settings):
    settings.DEMO = True
    assert meetings.is_missing()
    began = time.monotonic()
    brought = meetings.load()
    assert brought > 15_000 and time.monotonic() - began < 60
    assert not meetings.is_missing() and Minutes.objects.count() == brought
    today = clock.today()
    number = {
        state: Occurrence.objects.filter(in_state(state, today), code__in=meetings.HOURS).count()
        for state in (KEPT, LATE, OVERDUE)
    }
    assert number[KEPT] > 0.95 * brought and 0 < number[OVERDUE] < 0.05 * brought
    assert Minutes.objects.filter(quorate=False).exists()
    assert set(meetings.HOURS) <= set(Occurrence.objects.values_list("code", flat=True))
