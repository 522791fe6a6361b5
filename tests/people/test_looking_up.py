"""Who has this number: found in one's own places alone, kept in the audit, in no address."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.people import looking_up, services
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.purposes import reveal_purposes
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from tests.authority.cast import make_member, make_places
from tests.people.test_services import COMMUNITY, IDENTITY, NEIGHBOUR, SYSTEM, holder
from tests.sign_in import client_of

pytestmark = pytest.mark.django_db
PHONE = "13812341234"


@pytest.fixture
def purpose() -> str:
    return next(iter(reveal_purposes()))


@pytest.fixture
def person() -> Person:
    return services.register_person(
        actor=SYSTEM, name="演示甲一", place_code=COMMUNITY, phone=PHONE, identity=IDENTITY
    )


def looker(place: str, account: int = 1) -> Actor:
    own = services.register_person(actor=SYSTEM, name="演示查阅人", place_code=place)
    return replace(holder("community_worker", place, account), person_id=own.pk)


def looks() -> list[Entry]:
    return list(Entry.objects.filter(action="people.look_up").order_by("pk"))


def test_a_look_and_whom_it_found_are_kept_without_the_number(person: Person, purpose: str) -> None:
    actor = looker(COMMUNITY)
    for number in (" 138-1234-1234 ", IDENTITY.lower()):
        assert looking_up.look_up(actor=actor, number=number, purpose=purpose) == [person]
    first, second = looks()
    assert (first.target_id, first.purpose, first.person_ref) == (str(person.pk), purpose, person.pk)
    assert PHONE not in str(vars(first)) and IDENTITY not in str(vars(second))


def test_finding_nobody_is_kept_too(person: Person, purpose: str) -> None:
    actor = looker(NEIGHBOUR, 2)
    assert looking_up.look_up(actor=actor, number=PHONE, purpose=purpose) == []
    (kept,) = looks()
    assert kept.target_id == str(actor.person_id) and kept.purpose == purpose
    assert kept.changes == {"found": [None, 0]}


@pytest.mark.parametrize("number", ["", "1381234", "演示甲一", "138123412345", "110105194912310021"])
def test_a_part_of_a_number_is_refused(person: Person, purpose: str, number: str) -> None:
    with pytest.raises(RuleViolation) as refusal:
        looking_up.look_up(actor=looker(COMMUNITY), number=number, purpose=purpose)
    assert refusal.value.field == "number" and looks() == []


@pytest.mark.parametrize("given", ["", "curiosity"])
def test_without_a_declared_purpose_nobody_looks(person: Person, given: str) -> None:
    with pytest.raises(RuleViolation) as refusal:
        looking_up.look_up(actor=looker(COMMUNITY), number=PHONE, purpose=given)
    assert refusal.value.field == "purpose" and looks() == []


def test_numbers_are_not_tried_out(person: Person, purpose: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking_up, "AN_HOUR", 3)
    actor, other = looker(COMMUNITY, 3), looker(COMMUNITY, 4)
    for number in ("13800000001", "13800000002", PHONE):
        looking_up.look_up(actor=actor, number=number, purpose=purpose)
    with pytest.raises(RuleViolation, match="3 次"):
        looking_up.look_up(actor=actor, number=PHONE, purpose=purpose)
    assert looking_up.look_up(actor=other, number=PHONE, purpose=purpose) == [person]


def test_who_sees_no_people_has_nobody_to_look_for(person: Person, purpose: str) -> None:
    with pytest.raises(NotVisible):
        looking_up.look_up(
            actor=Actor(account_id=9, person_id=person.pk, name="演示居民"), number=PHONE, purpose=purpose
        )


def test_the_page_and_the_register_keep_the_number_out_of_addresses(purpose: str) -> None:
    make_places()
    members = {role: make_member(role) for role in ("community_secretary", "outsider", "resident")}
    secretary, outsider = (client_of(members[role].account) for role in ("community_secretary", "outsider"))
    known = services.register_person(
        actor=SYSTEM,
        name="演示甲一",
        place_code=members["community_secretary"].person.place_code[:12],
        phone=PHONE,
    )
    answer = secretary.get(f"/desk/r/people/?q={PHONE}")
    assert answer.status_code == 302 and answer.headers["Location"] == "/desk/people/look-up/"
    assert "演示甲一" in secretary.get("/desk/r/people/?q=甲一").content.decode()
    page = secretary.get("/desk/people/look-up/")
    assert 'method="post"' in page.content.decode() and "no-store" in page.headers["Cache-Control"]

    def found(client: Client, **sent: str) -> str:
        return client.post(
            "/desk/people/look-up/", {"number": PHONE, "purpose": purpose} | sent
        ).content.decode()

    shown = found(secretary)
    assert f'href="/desk/people/{known.pk}/"' in shown and "138****1234" in shown and PHONE not in shown
    assert "没有登记这个号码的人" in found(outsider)
    assert "不是完整、正确的电话号码" in found(secretary, number="138") and "选择用途" in found(
        secretary, purpose=""
    )
    assert client_of(members["resident"].account).get("/desk/people/look-up/").status_code == 404
