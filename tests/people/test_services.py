"""What may be done to a person's record, and what stays in the audit."""

import datetime as dt

import pytest
from django.db import connection

from doorstep.kernel.access.actors import Actor, Grant, system_actor
from doorstep.kernel.access.capabilities import capabilities_of
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.audit.reading import line, personal_values
from doorstep.kernel.audit.selectors import history_of
from doorstep.kernel.people import erasure, selectors, services
from doorstep.kernel.people.ciphers import CannotOpen, unwrap
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("test")
COMMUNITY, NEIGHBOUR = "210202005011", "210202006001"
IDENTITY = "11010519491231002X"


def holder(post: str, place: str, account: int = 1, person: int | None = None) -> Actor:
    grant = Grant(post=post, unit_id=1, places=(place,), capabilities=capabilities_of(post))
    return Actor(account_id=account, person_id=person, name=f"演示{post}", grants=(grant,))


WORKER, OUTSIDER = holder("community_worker", COMMUNITY), holder("community_worker", NEIGHBOUR, 2)


@pytest.fixture
def person() -> Person:
    return services.register_person(
        actor=SYSTEM, name="演示甲一", place_code=COMMUNITY, phone="138 1234 1234", identity=IDENTITY.lower()
    )


def test_numbers_are_never_in_clear_in_the_database(person):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p::text || k::text FROM people_person p JOIN people_personkey k ON k.person_id = p.id"
        )
        row = cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(e::text, '') FROM audit_entry e")
        audit = cursor.fetchone()[0]
    for text in (row, audit):
        for value in ("13812341234", IDENTITY):
            assert value not in text and value.encode().hex() not in text
    assert "演示甲一" not in audit
    assert selectors.masked(person, "phone") == "138****1234"
    assert selectors.masked(person, "identity") == "1101************2X"


def test_found_by_whole_number_name_pinyin_and_initials(person):
    for text in ("13812341234", IDENTITY, "甲一", "yanshi", "ysjy"):
        assert list(selectors.find_persons(WORKER, text)) == [person], text
        assert list(selectors.find_persons(OUTSIDER, text)) == [], text
    assert not selectors.find_persons(WORKER, "13812341235").exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"), ({"identity": "110105194912310021"}, "identity"), ({"phone": "12345"}, "phone"),
        ({"place_code": "21020"}, "place_code"), ({"place_code": "甲"}, "place_code"),
        ({"consents": ("notices",)}, "given_by"), ({"consents": ("odd",), "given_by": "书面"}, "purpose"),
    ],
)  # fmt: skip
def test_bad_values_are_refused_with_their_field(values, field):
    good = {"name": "演示乙", "place_code": COMMUNITY}
    with pytest.raises(RuleViolation) as refusal:
        services.register_person(actor=SYSTEM, **(good | values))
    assert refusal.value.field == field
    assert not Entry.objects.exists()


@pytest.mark.parametrize("odd", ["21020", "甲", "2102020050110"])
def test_nobody_is_moved_to_a_place_that_is_none(person, odd):
    with pytest.raises(RuleViolation) as refusal:
        services.correct_person(actor=SYSTEM, person=person, place_code=odd, reason="更正")
    assert refusal.value.field == "place_code"


def test_an_identity_number_is_registered_once(person):
    with pytest.raises(RuleViolation, match="已经登记过"):
        services.register_person(actor=SYSTEM, name="演示乙", place_code=COMMUNITY, identity=IDENTITY)
    twice = [NewPerson("演示丙", COMMUNITY, identity="21020219900101001" + "3")] * 2
    with pytest.raises(RuleViolation):
        register_people(actor=SYSTEM, people=twice)


def test_an_identity_number_known_elsewhere_is_not_confirmed(person):
    place = OUTSIDER.places_for("people.register")[0]
    with pytest.raises(RuleViolation, match="无法登记，请联系区级核对"):
        services.register_person(actor=OUTSIDER, name="演示乙", place_code=place, identity=IDENTITY)
    other = services.register_person(actor=SYSTEM, name="演示丁", place_code=place)
    with pytest.raises(RuleViolation, match="无法登记，请联系区级核对"):
        services.correct_person(actor=OUTSIDER, person=other, identity=IDENTITY, reason="更正")


def test_registering_elsewhere_is_refused():
    with pytest.raises(NotVisible):
        services.register_person(actor=OUTSIDER, name="演示乙", place_code=COMMUNITY)
    with pytest.raises(NotAllowed):
        services.register_person(
            actor=holder("merchant_manager", COMMUNITY), name="演示乙", place_code=COMMUNITY
        )


def test_a_reveal_asks_a_purpose_and_is_kept_with_the_scope(person):
    assert services.reveal(actor=WORKER, person=person, field="phone", purpose="contact") == "13812341234"
    entry = history_of(person).first()
    assert (entry.action, entry.purpose, entry.changes) == (
        "people.reveal",
        "contact",
        {"phone_sealed": "***"},
    )
    assert entry.scope == f"community_worker@{COMMUNITY}" and entry.account_id == WORKER.account_id
    for purpose in ("", "curiosity", services.OWN):
        with pytest.raises(RuleViolation):
            services.reveal(actor=WORKER, person=person, field="phone", purpose=purpose)
    assert history_of(person).count() == 2


def test_a_reveal_asks_where_the_person_is_now(person):
    opened = Person.objects.select_related("key").get(pk=person.pk)
    services.correct_person(actor=SYSTEM, person=person, place_code=NEIGHBOUR, reason="搬家")
    with pytest.raises(NotVisible):
        services.reveal(actor=WORKER, person=opened, field="phone", purpose="contact")


def test_a_reveal_outside_the_scope_finds_nobody(person):
    with pytest.raises(NotVisible):
        services.reveal(actor=OUTSIDER, person=person, field="phone", purpose="contact")
    with pytest.raises(NotAllowed):
        services.reveal(
            actor=holder("district_officer", "210202"), person=person, field="phone", purpose="contact"
        )
    assert not history_of(person).filter(action="people.reveal").exists()


def test_correction_keeps_before_and_after_sealed(person):
    services.correct_person(
        actor=WORKER, person=person, name="演示乙二", phone="13900000000", reason="本人来更正"
    )
    entry = history_of(person).first()
    person.refresh_from_db()
    assert entry.changes == {"name": "***", "phone_sealed": "***"}
    assert personal_values(entry) == {
        "before": {"name": "演示甲一", "phone": "13812341234"}, "after": {"name": "演示乙二", "phone": "13900000000"}
    }  # fmt: skip
    assert person.initials == "ysye"
    assert list(selectors.find_persons(WORKER, "13900000000")) == [person]


def test_everybody_corrects_their_own_phone_and_no_more(person):
    me = Actor(account_id=9, person_id=person.pk, name="演示甲一")
    services.correct_person(actor=me, person=person, phone="13900000000", reason="换号")
    assert line(history_of(person).first()).who == ""  # whoever acts for themselves is not named to others
    with pytest.raises(NotAllowed):
        services.correct_person(actor=me, person=person, name="演示乙", reason="改名")
    with pytest.raises(NotVisible):
        services.correct_person(
            actor=Actor(account_id=10, person_id=person.pk + 1), person=person, phone="", reason="试试"
        )


def test_nobody_is_moved_out_of_reach_of_the_mover(person):
    with pytest.raises((NotVisible, NotAllowed)):
        services.correct_person(actor=WORKER, person=person, place_code=NEIGHBOUR, reason="搬走")
    person.refresh_from_db()
    assert person.place_code == COMMUNITY


def test_consent_is_dated_and_withdrawn(person):
    day = dt.date(2026, 6, 1)
    with clock.fixed(day):
        services.give_consent(actor=WORKER, person=person, purpose="notices", given_by="书面")
        assert selectors.has_consent(person.pk, "notices")
        with pytest.raises(RuleViolation):
            services.give_consent(actor=WORKER, person=person, purpose="notices", given_by="书面")
    with clock.fixed(day + dt.timedelta(days=5)):
        services.withdraw_consent(actor=WORKER, person=person, purpose="notices")
        assert not selectors.has_consent(person.pk, "notices")
        assert selectors.has_consent(person.pk, "notices", day)
        with pytest.raises(RuleViolation):
            services.withdraw_consent(actor=WORKER, person=person, purpose="notices")


def test_consent_given_and_withdrawn_on_one_day_may_be_given_again(person):
    me = Actor(account_id=9, person_id=person.pk)
    for _ in range(2):
        services.give_consent(actor=me, person=person, purpose="notices", given_by="本人在线")
        services.withdraw_consent(actor=me, person=person, purpose="notices")
    services.give_consent(actor=me, person=person, purpose="notices", given_by="本人在线")
    assert selectors.consenting([person.pk, -1], "notices") == {person.pk}


def test_erasure_destroys_the_key_and_leaves_a_tombstone(person):
    wrapped = bytes(person.key.wrapped)
    registered = history_of(person).first()
    assert personal_values(registered)["phone"] == "13812341234"
    services.give_consent(actor=WORKER, person=person, purpose="notices", given_by="本人书面，存于甲处")
    secretary = holder("community_secretary", COMMUNITY)
    with pytest.raises(NotAllowed):
        erasure.erase_person(actor=WORKER, person=person, ground="asked")
    erased = erasure.erase_person(actor=secretary, person=person, ground="asked")
    assert erased.name == erasure.TOMBSTONE and erased.erased_at is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM people_personkey")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT phone_sealed, phone_index, identity_sealed, identity_index FROM people_person")
        assert cursor.fetchone() == (None, None, None, None)
    assert selectors.masked(erased, "phone") == "" and personal_values(registered) == {}
    assert not selectors.find_persons(SYSTEM, "13812341234").exists()
    with pytest.raises(CannotOpen):
        unwrap(person.pk + 1, wrapped)
    for again in (
        lambda: erasure.erase_person(actor=secretary, person=person, ground="asked"),
        lambda: services.reveal(actor=secretary, person=erased, field="phone", purpose="contact"),
        lambda: services.correct_person(actor=secretary, person=person, name="演示", reason="再来"),
    ):
        with pytest.raises(RuleViolation):
            again()


def test_erasure_ends_what_was_agreed(person):
    day = dt.date(2026, 6, 1)
    with clock.fixed(day):
        services.give_consent(actor=WORKER, person=person, purpose="notices", given_by="本人书面")
    later = day + dt.timedelta(days=9)
    with clock.fixed(later):
        services.give_consent(actor=WORKER, person=person, purpose="contact_by_volunteers", given_by="口头")
        erasure.erase_person(actor=SYSTEM, person=person, ground="asked")
        assert selectors.consenting_to(person) == set()
    kept = person.consents.get()
    assert (kept.purpose, kept.given_by, kept.valid_to) == ("notices", "", later)


def test_many_at_once_by_the_same_rules_with_the_same_audit(person):
    told = []
    people = [NewPerson(f"演示{n}", COMMUNITY, phone=f"139{n:08}") for n in range(2500)]
    made = register_people(actor=SYSTEM, people=people, progress=told.append)
    assert told == [1000, 2000, 2500]
    assert [one.name for one in made[:2]] == ["演示0", "演示1"]
    assert Entry.objects.filter(action="people.register").count() == 2501
    assert services.reveal(actor=WORKER, person=made[2499], field="phone", purpose="visit") == "13900002499"
    entry = history_of(made[7]).get()
    assert personal_values(entry) == {"name": "演示7", "phone": "13900000007"}
    assert entry.changes == {"name": "***", "phone_sealed": "***"}


def test_one_bad_row_among_many_writes_nobody():
    people = [NewPerson("演示甲", COMMUNITY), NewPerson("演示乙", COMMUNITY, phone="5")]
    with pytest.raises(RuleViolation, match="演示乙：手机号应为11位"):
        register_people(actor=SYSTEM, people=people)
    assert not Person.objects.exists()
