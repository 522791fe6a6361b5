"""When things happen in the demo district: how many on a day, of which items in which season, at which hour; and when
offices are open.

Everything comes from fixed seeds: the same day always has the same weather.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from random import Random

from doorstep.kernel.matters.working_days import Calendar
from doorstep.kernel.shared.clock import DISTRICT_ZONE

A_DAY = 85.5  # requests on an ordinary day; two years make more than sixty thousand
DAYS = 730

# months January to December
LEVEL = (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
COLD = (6, 5, 3, 0.6, 0.1, 0.1, 0.1, 0.1, 0.2, 0.8, 7, 6)
SNOW = (6, 4, 0.6, 0, 0, 0, 0, 0, 0, 0, 0.6, 4)
RAIN = (0.3, 0.3, 0.4, 0.7, 1, 1.6, 4, 4, 1.5, 0.6, 0.4, 0.3)
WARM = (0.4, 0.4, 0.7, 1.1, 1.6, 1.9, 1.9, 1.8, 1.5, 1, 0.5, 0.4)
GREEN = (0.2, 0.2, 0.8, 1.6, 1.7, 1.5, 1.4, 1.4, 1.2, 1, 0.6, 0.2)
PESTS = (0.1, 0.1, 0.3, 0.8, 1.5, 2.4, 3, 3, 1.8, 0.8, 0.2, 0.1)
ENROL = (0.5, 0.5, 1, 1.2, 2, 2.6, 2.4, 2, 0.7, 0.4, 0.4, 0.4)
DARK = (1.6, 1.3, 1.1, 0.9, 0.7, 0.6, 0.6, 0.7, 0.9, 1.2, 1.5, 1.7)
RAINY = ("live.leak", "env.flood", "env.sewer", "safe.building", "safe.wires")

# item → how often beside the others, and its season
OFTEN: dict[str, tuple[float, Sequence[float]]] = {
    "env.lamp": (30, DARK), "env.garbage": (48, WARM), "env.bulky": (34, LEVEL), "env.corridor": (46, LEVEL),
    "env.road": (20, LEVEL), "env.manhole": (8, RAIN), "env.sewer": (28, RAIN), "env.flood": (6, RAIN),
    "env.snow": (9, SNOW), "env.tree": (18, GREEN), "env.ads": (34, LEVEL), "env.stall": (18, WARM),
    "env.noise": (42, WARM), "env.fumes": (18, WARM), "env.pets": (26, LEVEL), "env.parking": (52, LEVEL),
    "env.bikes": (20, WARM), "env.fitness": (12, LEVEL), "env.pests": (9, PESTS), "env.toilet": (5, LEVEL),
    "safe.firelane": (22, LEVEL), "safe.fireequipment": (16, LEVEL), "safe.ebike": (40, LEVEL), "safe.gas": (4, COLD),
    "safe.wires": (14, RAIN), "safe.facade": (12, RAIN), "safe.throwing": (10, LEVEL), "safe.building": (5, RAIN),
    "safe.lift": (16, LEVEL), "safe.illegalbuilding": (9, WARM), "sec.rental": (8, LEVEL), "sec.theft": (5, LEVEL),
    "sec.fraud": (7, LEVEL), "sec.gate": (20, LEVEL), "sec.gambling": (4, LEVEL), "disp.neighbour": (28, LEVEL),
    "disp.family": (7, LEVEL), "disp.violence": (1.5, LEVEL), "disp.property": (30, LEVEL), "disp.owners": (9, LEVEL),
    "disp.consumer": (11, LEVEL), "disp.wages": (6, LEVEL), "live.water": (20, WARM), "live.power": (12, WARM),
    "live.heating": (30, COLD), "live.leak": (34, RAIN), "live.benefits": (10, LEVEL), "live.medical": (12, LEVEL),
    "live.certificate": (14, LEVEL), "live.school": (7, ENROL), "live.job": (6, LEVEL), "live.housing": (9, LEVEL),
    "live.meal": (7, LEVEL), "care.elder": (10, LEVEL), "care.disabled": (5, LEVEL), "care.child": (3, LEVEL),
    "care.mental": (4, LEVEL), "care.veteran": (3, LEVEL), "emer.accident": (1, LEVEL), "emer.lost": (2, LEVEL),
    "op.suggestion": (16, LEVEL), "op.service": (7, LEVEL), "op.thanks": (9, LEVEL), "pub.policy": (16, LEVEL),
    "pub.activity": (8, LEVEL), "other.other": (12, LEVEL),
}  # fmt: skip

# who reports how: share, and the weights of the hours 0 to 23
_RESIDENTS = (1, 0.4, 0.2, 0.2, 0.3, 1, 3, 6, 8, 7, 6, 5, 6, 5, 5, 5, 6, 8, 10, 11, 10, 8, 5, 2)
_ON_PATROL = (0, 0, 0, 0, 0, 0, 0, 1, 9, 12, 12, 7, 1, 4, 10, 11, 9, 4, 1, 1, 0.5, 0, 0, 0)
_AT_THE_COUNTER = (0, 0, 0, 0, 0, 0, 0, 0, 4, 11, 12, 4, 0, 4, 10, 10, 5, 0, 0, 0, 0, 0, 0, 0)
SOURCES: dict[str, tuple[float, Sequence[float]]] = {
    "phone": (0.36, _RESIDENTS), "hotline": (0.22, _RESIDENTS), "patrol": (0.24, _ON_PATROL),
    "worker": (0.09, _ON_PATROL), "counter": (0.08, _AT_THE_COUNTER), "forum": (0.01, _RESIDENTS),
}  # fmt: skip
# what a worker finds on the way round: things in sight, not what people want of an office
SEEN = ("env.", "safe.", "sec.gate", "care.elder", "disp.neighbour", "op.suggestion")

_WEEK = (1.1, 1.05, 1.0, 1.0, 1.02, 0.9, 0.88)
_YEAR = (0.97, 0.86, 0.94, 0.92, 0.97, 1.04, 1.13, 1.12, 0.97, 0.95, 1.1, 1.04)


@cache
def is_rainy(day: dt.date) -> bool:
    return Random(f"rain {day}").random() < RAIN[day.month - 1] * 0.06


@cache
def number_on(day: dt.date) -> int:
    """How many requests come in on a day."""
    wet = 1.25 if is_rainy(day) else 1.0
    chance = Random(f"volume {day}").uniform(0.85, 1.15)
    return round(A_DAY * _WEEK[day.weekday()] * _YEAR[day.month - 1] * wet * chance)


@cache
def items_on(month: int, rainy: bool, seen: bool) -> tuple[list[str], list[float]]:
    """Items with their weights; `seen`: only what somebody on a round comes upon."""
    names = [code for code in OFTEN if not seen or code.startswith(SEEN)]
    weights = [
        OFTEN[code][0] * OFTEN[code][1][month - 1] * (4.0 if rainy and code in RAINY else 1.0)
        for code in names
    ]
    return names, weights


def opening(day: dt.date, random: Random) -> tuple[dt.datetime, str]:
    """A moment of the day at which something is reported, and how."""
    (source,) = random.choices(list(SOURCES), [share for share, _hours in SOURCES.values()])
    if source == "counter" and not is_working(day):
        source = "phone"
    (hour,) = random.choices(range(24), SOURCES[source][1])
    return at(day, hour, int(random.random() * 60), int(random.random() * 60)), source


def at(day: dt.date, hour: int, minute: int = 0, second: int = 0) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=DISTRICT_ZONE)


_CALENDAR = Calendar()


@cache
def is_working(day: dt.date) -> bool:
    return _CALENDAR.is_working(day)


OFFICE, ROUND, ALWAYS = "office", "round", "always"


def open_moment(moment: dt.datetime, hours: str, random: Random) -> dt.datetime:
    """The moment, or the next at which somebody is at work: offices on working days, grid workers every day."""
    if hours == ALWAYS:
        return moment
    local = moment.astimezone(DISTRICT_ZONE)
    first, last = (8, 17) if hours == OFFICE else (7, 20)
    day = local.date() if local.hour < last else local.date() + dt.timedelta(days=1)
    while hours == OFFICE and not is_working(day):
        day += dt.timedelta(days=1)
    if day == local.date() and local.hour >= first:
        return moment
    late = dt.timedelta(minutes=20 + 40 * random.random() + 150 * random.random() ** 2)
    return at(day, first) + late
