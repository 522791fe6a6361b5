"""Organisations in the small district of the grids' tests: outlines, a registered company, an instructor with both posts."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from typing import Any

from shapely.geometry import box, mapping

from doorstep.kernel.authority.services import create_account
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.organisations.models import Appointment, Unit
from doorstep.kernel.organisations.rules import ALPHABET, credit_code_check, organisation_code_check
from doorstep.kernel.places.inputs import NewOutline
from doorstep.kernel.places.services_outlines import add_outlines
from doorstep.modules.coverage import services, services_covering
from doorstep.modules.coverage.models import Profile
from doorstep.modules.coverage.services import NewOrganisation
from doorstep.modules.coverage.services_covering import NewParty
from tests.grids.world import DISTRICT, ONE, STREET, SYSTEM, TODAY, TWO, World, build, person

__all__ = ["ONE", "STREET", "SYSTEM", "TODAY", "TWO", "World", "build"]

FOUNDED = dt.date(2022, 5, 9)
COUNTED = dt.date(2026, 1, 10)
# The district, its two communities beside each other, and a place in neither of them.
WEST, EAST = box(121.60, 38.90, 121.65, 38.95), box(121.65, 38.90, 121.70, 38.95)
_numbers = itertools.count(1)


def code(number: int) -> str:
    """A made-up credit code whose check digits are right."""
    body = f"{number:08d}"
    seventeen = f"91210202{body}{organisation_code_check(body)}"
    return seventeen + credit_code_check(seventeen)


def wrong_code(number: int) -> str:
    right = code(number)
    return right[:17] + ALPHABET[(ALPHABET.index(right[17]) + 1) % len(ALPHABET)]


def draw() -> None:
    """Outlines of the district and its communities, so that a position has a place."""
    shapes = {DISTRICT: WEST.union(EAST), ONE: WEST, TWO: EAST}
    outlines = [
        NewOutline(place, json.dumps(mapping(shape)), "示意", illustrative=True)
        for place, shape in shapes.items()
    ]
    add_outlines(actor=SYSTEM, outlines=outlines, valid_from=dt.date(2020, 1, 1))


def new(**changed: Any) -> NewOrganisation:
    number = next(_numbers)
    given: dict[str, Any] = {
        "kind": "company", "name": f"演示科技公司{number}", "credit_code": code(number), "trade": "software",
        "address": f"演示路{number}号", "founded_on": FOUNDED, "longitude": 121.62 + number * 1e-5, "latitude": 38.92,
    }  # fmt: skip
    return NewOrganisation(**(given | changed))


def registered(
    world: World, *, full: int | None = None, staff: int = 30, who: str = "street", **changed: Any
) -> Profile:
    row = services.register_organisation(actor=world.actor(who), new=new(**changed))
    if full is not None:
        services.record_count(
            actor=world.actor(who), organisation_id=row.pk, counted_on=COUNTED, staff=staff, full=full
        )
    return row


def establish(world: World, *rows: Profile, form: str = "own", who: str = "street", **changed: Any) -> Unit:
    given: dict[str, Any] = {
        "name": "演示企业党支部", "form": form, "organisation_ids": tuple(row.pk for row in rows),
        "founded_on": dt.date(2026, 3, 2), "document": "演组〔2026〕9号",
    }  # fmt: skip
    return services_covering.establish(actor=world.actor(who), new=NewParty(**(given | changed)))


def committee() -> Unit:
    found = Unit.objects.filter(kind="street_working_committee").first()
    return found or organisations.found_unit(
        actor=SYSTEM, kind="street_working_committee", name="演示街道党工委", place_code=STREET,
        founded_on=dt.date(2020, 1, 1), document="演批〔2020〕3号",
    )  # fmt: skip


def instructor(
    world: World, *rows: Profile, since: dt.date = dt.date(2026, 1, 1), both: bool = True
) -> list[Appointment]:
    """Somebody with the enterprise cadre's post in each of these, and the instructor's; `world.accounts["instructor"]`."""
    if "instructor" not in world.people:
        world.people["instructor"] = person("演示指导员")
        world.accounts["instructor"] = create_account(
            actor=SYSTEM, person=world.people["instructor"], username="instructor"
        )
    one = world.people["instructor"].pk
    posts = [("enterprise_cadre", row.unit_id) for row in rows]
    if both:
        posts.append(("party_building_instructor", committee().pk))
    return [
        organisations.appoint(actor=SYSTEM, person_id=one, post=post, unit_id=unit, valid_from=since)
        for post, unit in posts
    ]
