"""What units offer is known where it serves, and kept where it is agreed on, wherever the unit stands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.modules.partnership.models_lists import Resource
from doorstep.modules.partnership.services_past_lists import bring_resources
from doorstep.modules.partnership.services_resources import ResourceData
from tests.partnership.lists_world import ONE, SYSTEM, TODAY, TWO, Lists, build_lists
from tests.sign_in import client_of


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    monkeypatch.setenv("DOORSTEP_TODAY", TODAY.isoformat())
    with clock.fixed(TODAY) as day:
        yield day


@pytest.fixture
def lists(db: None) -> Lists:
    return build_lists()


def signed_in(lists: Lists, who: str) -> Client:
    return client_of(lists.district.accounts[who])


def test_a_community_enters_what_a_partner_from_elsewhere_offers(lists: Lists) -> None:
    """The page offers every unit with an agreement here: what it offers can be done."""
    lists.partner("far", place=TWO, agreed=ONE)
    assert lists.offer("far", by="secretary").unit_id == lists.partners["far"].pk


def test_what_is_offered_is_seen_in_office_where_it_serves(lists: Lists) -> None:
    """Of a unit that stands elsewhere, with an agreement here: it is on the community's list."""
    lists.partner("far", place=TWO, agreed=ONE)
    room = lists.offer("far")
    assert policy_for(Resource).visible_to(lists.actor("secretary")).filter(pk=room.pk).exists()


def test_what_is_agreed_on_here_is_changed_here(lists: Lists) -> None:
    """The list leads to the page of one that serves here from elsewhere; what has no agreement here is not found."""
    lists.partner("far", place=TWO, agreed=ONE)
    lists.partner("other", place=TWO, agreed=TWO)
    room, other = lists.offer("far", name="远处的"), lists.offer("other", name="别处的")
    secretary = signed_in(lists, "secretary")
    words = secretary.get(reverse("web:register", args=["partnership.resources"])).content.decode()
    assert "远处的" in words and "别处的" not in words
    page = reverse("partnership:resource", args=[room.pk])
    record = reverse("web:record", args=["partnership.resources", room.pk])
    assert page in secretary.get(record).content.decode()
    assert secretary.get(page).status_code == 200
    assert secretary.get(reverse("partnership:resource", args=[other.pk])).status_code == 404


def test_the_page_of_a_new_resource_asks_no_more_for_more_units(lists: Lists) -> None:
    client = signed_in(lists, "secretary")
    client.get(reverse("partnership:resource_new"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("partnership:resource_new"))
    for number in range(6):
        lists.partner(f"more{number}")
    client.get(reverse("partnership:resource_new"))  # what is kept of who is in office is read anew
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("partnership:resource_new"))
    assert len(many) == len(few)


def brought(lists: Lists, **changed: object) -> ResourceData:
    given: dict[str, object] = {
        "unit_id": lists.partners["partner"].pk, "resource_class": "space", "name": "活动室", "longitude": 121.6, "latitude": 38.9,
    }  # fmt: skip
    return ResourceData(**(given | changed))  # type: ignore[arg-type]  # as the tests give it


@pytest.mark.parametrize(
    "changed", [{"resource_class": "none"}, {"areas": (TWO,)}, {"price": "market"}, {"closes": 0}]
)
def test_what_an_office_brings_in_keeps_the_rules(lists: Lists, changed: dict[str, object]) -> None:
    rows = [brought(lists), brought(lists, name="另一间", **changed)]
    with pytest.raises(RuleViolation):
        bring_resources(actor=SYSTEM, resources=rows)
    assert not Resource.objects.exists()


def test_an_office_brings_in_what_is_its_own_and_once(lists: Lists) -> None:
    with pytest.raises(NotVisible):
        bring_resources(actor=lists.actor("outsider"), resources=[brought(lists)])
    secretary = lists.actor("secretary")
    assert bring_resources(actor=secretary, resources=[brought(lists)]) == 1
    assert bring_resources(actor=secretary, resources=[brought(lists)]) == 0
    row = Resource.objects.get()
    assert row.located and [one.code for one in row.areas.all()] == [ONE]
