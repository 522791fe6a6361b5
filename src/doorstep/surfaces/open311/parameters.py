"""What an address is asked with: lists, days, pages. Whatever is wrong is a Fault 400 that names the parameter."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.selectors import number_in
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.numerals import whole_number
from doorstep.surfaces.open311.faults import Fault

SPAN = dt.timedelta(days=90)
MOST = 1000
LONGEST_CODE = 40
CODE = re.compile(rf"[A-Za-z0-9_.\-]{{1,{LONGEST_CODE}}}")
STATUSES = ("open", "closed")
YEARS = range(1970, 2201)

BAD_DATE = _("%(name)s 须是日期和时间，如 2026-06-15T00:00:00+08:00。")
BAD_RANGE = _("end_date 早于 start_date。")
TOO_LONG = _("start_date 到 end_date 最多 90 天。请分几次查。")
BAD_CODE = _("service_code 的值不对：%(given)s。")
BAD_STATUS = _("status 只能是 open 或 closed。")
BAD_NUMBER = _("%(name)s 须是 1 到 %(most)d 的整数。")
TOO_MANY_IDS = _("service_request_id 一次最多 %(most)d 个。")
BAD_POSITION = _("lat 须在 -90 到 90 之间，long 须在 -180 到 180 之间（WGS-84，度），两个一起给出。")


@dataclass(frozen=True)
class Asked:
    """What a list of requests was asked with. `ids`: row numbers, before all else; None where none were named."""

    ids: list[int] | None
    codes: list[str]
    statuses: list[str]
    start: dt.datetime
    end: dt.datetime
    first: int
    size: int


def asked(given: QueryDict) -> Asked:
    start, end = _period(given)
    page, size = _number(given, "page", 1), _number(given, "page_size", MOST)
    return Asked(_ids(given), _codes(given), _statuses(given), start, end, (page - 1) * size, size)


def listed(given: QueryDict, name: str) -> list[str]:
    """Values separated by commas."""
    return [part.strip() for part in given.get(name, "").split(",") if part.strip()]


def id_of(text: str) -> int | None:
    """Row number in a service_request_id; None for what no request can have."""
    pk = number_in(text[:40])
    return pk if pk is not None and pk < 2**63 and text.strip()[:2].upper() == "QS" else None


def _ids(given: QueryDict) -> list[int] | None:
    texts = listed(given, "service_request_id")
    if not texts:
        return None
    if len(texts) > MOST:
        raise Fault(400, TOO_MANY_IDS, most=MOST)
    return [pk for text in texts if (pk := id_of(text)) is not None]


def _codes(given: QueryDict) -> list[str]:
    codes = listed(given, "service_code")
    for code in codes:
        if not CODE.fullmatch(code):
            raise Fault(400, BAD_CODE, given=code[:LONGEST_CODE])
    return codes


def _statuses(given: QueryDict) -> list[str]:
    statuses = listed(given, "status")
    if not set(statuses) <= set(STATUSES):
        raise Fault(400, BAD_STATUS)
    return statuses


def _number(given: QueryDict, name: str, usual: int) -> int:
    text = given.get(name, "").strip()
    if not text:
        return usual
    number = whole_number(text)
    if number is None or not 1 <= number <= MOST:
        raise Fault(400, BAD_NUMBER, name=name, most=MOST)
    return number


def _period(given: QueryDict) -> tuple[dt.datetime, dt.datetime]:
    """Both ends as given; one end and 90 days from it; without any, the last 90 days."""
    start, end = _moment(given, "start_date"), _moment(given, "end_date")
    if start is None:
        end = end or clock.now()
        return end - SPAN, end
    end = end or start + SPAN
    if end < start:
        raise Fault(400, BAD_RANGE)
    if end - start > SPAN:
        raise Fault(400, TOO_LONG)
    return start, end


def _moment(given: QueryDict, name: str) -> dt.datetime | None:
    """A moment; without an offset in the district's time. A space stands where an address's "+" was not escaped."""
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        moment = dt.datetime.fromisoformat(re.sub(r"(?<=T\d\d:\d\d:\d\d) (?=\d\d:?\d\d$)", "+", text))
    except ValueError:
        raise Fault(400, BAD_DATE, name=name) from None
    if moment.year not in YEARS:
        raise Fault(400, BAD_DATE, name=name)
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.DISTRICT_ZONE)


def position(given: QueryDict) -> tuple[float, float] | None:
    """(longitude, latitude) in degrees, WGS-84; None where neither is given."""
    texts = given.get("long", "").strip(), given.get("lat", "").strip()
    if not any(texts):
        return None
    try:
        longitude, latitude = (float(text) for text in texts)
    except ValueError:
        raise Fault(400, BAD_POSITION) from None
    if not (
        math.isfinite(longitude) and abs(longitude) <= 180 and math.isfinite(latitude) and abs(latitude) <= 90
    ):
        raise Fault(400, BAD_POSITION)
    return longitude, latitude
