"""Every declared register for everybody of the cast: inside one's places only, and nothing outside them exists.

A register that forgets its policy, a page that forgets the register's rows, an export wider than its list: each is
found here without a test of its own.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client

from doorstep.demo.cast import CAST
from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.access.policies import Policy, policy_for
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.declarations.registers import Register, all_registers, register
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import Dated
from doorstep.kernel.web.register_pages import cells
from doorstep.kernel.web.register_pages.asking import may_open, places_of
from doorstep.kernel.web.register_pages.exporting import may_export
from tests.sign_in import client_of

KEYS = [declared.key for declared in all_registers()]
MEMBERS = [member.username for member in CAST]
OTHER_PLACES = ("210202001", "210202001002", "210202005", "210202005011", "210299", "210202", "21", "310000")
pytestmark = pytest.mark.usefixtures("demo_database")


@pytest.fixture(autouse=True)
def demo_is_on(settings: Any) -> None:
    settings.DEMO = True


def test_there_are_registers_to_ask() -> None:
    assert {"units", "appointments", "audit", "chain.branches"} <= set(KEYS)


@pytest.mark.parametrize("username", MEMBERS)
@pytest.mark.parametrize("key", KEYS)
def test_rows_lie_inside_ones_places(key: str, username: str) -> None:
    """What the declaration gives is what the policy allows, and lies where the reader's posts are or in their own part."""
    found, actor = register(key), actor_of(username)
    rows = found.visible(actor, clock.today())
    policy = policy_for(found.model)
    assert not rows.exclude(pk__in=policy.visible_to(actor).values("pk")).exists()
    if type(policy).visible_to is Policy.visible_to:
        own = policy.participation(actor)
        outside = (
            rows.exclude(found.belongs_to(actor.places_for(policy.view))) if policy.view else rows.none()
        )
        assert not (outside.exclude(own) if own is not None else outside).exists()


@pytest.mark.parametrize("username", MEMBERS)
@pytest.mark.parametrize("key", KEYS)
def test_pages_show_that_and_nothing_else_exists(key: str, username: str) -> None:
    found, actor = register(key), actor_of(username)
    client = client_of(Account.objects.get(username=username))
    pages = [f"/desk/r/{key}/{part}" for part in ("", "text/", "print/", "export.csv", "import/")]
    if not may_open(actor, found):
        assert {client.get(page).status_code for page in pages} == {404}
        return
    assert client.get(pages[0]).status_code == 200
    taken = 200 if may_export(actor, found) else 404
    assert [client.get(page).status_code for page in pages[1:3]] == [taken, taken]
    _places_outside(client, actor, found, pages)
    _records_outside(client, actor, found)
    if may_export(actor, found):
        _export(client, actor, found)
    else:
        assert client.get(pages[3]).status_code == 404
    importer = found.importer
    allowed = importer is not None and actor.holds_somewhere(importer.capability)
    assert client.get(pages[4]).status_code == (200 if allowed else 404)


def actor_of(username: str) -> Actor:
    return actor_for(Account.objects.get(username=username))


def _places_outside(client: Client, actor: Actor, found: Register, pages: list[str]) -> None:
    own = places_of(actor, found)
    for place in OTHER_PLACES:
        if not any(place.startswith(code) for code in own):
            assert {client.get(page, {"place": place}).status_code for page in pages} == {404}, place


def _records_outside(client: Client, actor: Actor, found: Register) -> None:
    """One row the reader has and one the reader has not, by their addresses."""
    day = clock.today()
    mine = found.visible(actor, day)
    row = mine.order_by("pk").first()
    if row is not None:
        assert client.get(f"/desk/r/{found.key}/record/{row.pk}/").status_code == 200
    everything = found.visible(system_actor("test"), day)
    other = everything.exclude(pk__in=mine.values("pk")).order_by("pk").first()
    if other is not None:
        assert client.get(f"/desk/r/{found.key}/record/{other.pk}/").status_code == 404


def _export(client: Client, actor: Actor, found: Register) -> None:
    """As many lines as rows of the reader's first place, every place code of them within what the list gives."""
    own = places_of(actor, found)
    place = own[0] if len(own) == 1 else ""
    rows = found.visible(actor, clock.today(), place)
    if found.export:
        rows = rows.filter(found.belongs_to(actor.places_for(found.export)))
    expected = rows.count()  # before the export, which the audit's own register records
    answer: Any = client.get(f"/desk/r/{found.key}/export.csv?columns=all")
    assert answer.status_code == 200
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(lines) - 1 == expected
    at = _code_column(found)
    if at is not None:
        assert {line[at] for line in lines[1:]} <= {
            str(code or "") for code in rows.values_list(found.place, flat=True)
        }


def _code_column(found: Register) -> int | None:
    """Where the export has the codes of the register's own place."""
    position = 0
    for column in found.columns:
        if column.kind == "place":
            position += 1
            if column.path == found.place:
                return position
        position += 1
    return None


@pytest.mark.parametrize("key", KEYS)
def test_a_declaration_holds_together(key: str) -> None:
    """Order can be paged by, headings are words, filters and importers name what there is."""
    found = register(key)
    rows = found.visible(system_actor("test"), clock.today())
    names = [name.removeprefix("-") for name in found.order]
    fields = [cells.field_at(found.model, name) for name in names]
    for name, field in zip(names, fields, strict=True):
        known = name in rows.query.annotations or (field is not None and not field.null)
        assert known and not rows.filter(**{f"{name}__isnull": True}).exists(), (
            f"{name} orders, and may be null"
        )
    assert fields[-1] is not None and fields[-1].unique, "the last order column is unique"
    for column in found.columns:
        assert not cells.heading(found, column).isascii(), f"{column.key} has no Chinese name"
    for rule in found.filters:
        assert rule.kind not in ("bool", "exists") or (rule.phrase_no and str(rule.phrase) != "{value}"), (
            rule.key
        )
    if found.importer is not None:
        known = {column.key for column in found.importer.columns}
        assert set(found.importer.keys) <= known
        assert all(set(example) <= known for example in found.importer.examples)


@pytest.mark.parametrize("key", KEYS)
def test_a_page_costs_few_queries(key: str, django_assert_max_num_queries: Any) -> None:
    """Signing in, the actor and the frame about eight; the register at most ten with what `prepare` attaches."""
    client = client_of(Account.objects.get(username="district"))
    if not may_open(actor_of("district"), register(key)):
        return
    client.get(f"/desk/r/{key}/")
    with django_assert_max_num_queries(18):
        client.get(f"/desk/r/{key}/")


def test_each_register_has_an_as_of_date_or_says_why_not() -> None:
    """A record that holds for a period is asked for as of a day; what happened, or is under way, is not."""
    without = {declared.key for declared in all_registers() if not declared.as_of}
    assert without == {
        "accounts", "audit", "chain.group_plans", "coverage.assistance", "coverage.days", "coverage.findings", "coverage.gaps",
        "coverage.pages", "coverage.visits", "culture.costs", "culture.events", "culture.feedback", "culture.grants", "culture.pictures",
        "grids.legal_visits", "grids.plans", "grids.questions", "grids.visits", "keys", "matters.calendar",
        "obligations.exemptions", "obligations.minutes", "obligations.occurrences",
        "partnership.commissioners", "partnership.consultations", "partnership.deeds", "partnership.gatherings", "partnership.needs",
        "partnership.projects", "partnership.ratings", "partnership.resolutions", "partnership.responsibilities", "partnership.topics",
        "requests", "requests.call_backs", "requests.faults", "requests.past", "requests.spot_checks",
        "requests.steps", "volunteering.appeals", "volunteering.approvals", "volunteering.credits", "volunteering.deliveries",
        "volunteering.funds", "volunteering.oddities", "volunteering.settlements", "volunteering.slips",
        "vanguard.feedback", "vanguard.served", "vanguard.wishes", "volunteering.volunteers", "whistles",
    }  # fmt: skip
    assert {key for key in KEYS if bool(register(key).undated) == register(key).as_of} == set()
    assert not [key for key in without if issubclass(register(key).model, Dated)]


def test_why_a_register_has_no_as_of_date_stands_at_the_foot_of_its_page() -> None:
    client = client_of(Account.objects.get(username="district"))
    for key, there in (("requests", True), ("people", False)):
        page = client.get(f"/desk/r/{key}/").content.decode()
        assert ("所以不分“截至”哪天" in page) is there and ('name="on"' in page) is not there
