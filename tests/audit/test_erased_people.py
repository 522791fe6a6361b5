"""Nothing in the audit outlives the erasure of its person: looked for in the whole table, as text."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import connection

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.audit.reading import line, lines, personal_values
from doorstep.kernel.audit.seal import seal_committed
from doorstep.kernel.audit.verify import verify
from doorstep.kernel.authority import services as accounts
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.services import appoint, end_appointment, rename_unit
from doorstep.kernel.people import services
from doorstep.kernel.people.erasure import TOMBSTONE, erase_person
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.services_bulk import NewBuilding, add_buildings
from doorstep.kernel.shared import clock
from doorstep.modules.chain.services import revoke_household
from doorstep.modules.chain.services_bulk import NewHousehold, designate_households
from tests.authority.cast import COMMUNITY, SINCE, STREET, Member, make_member, make_places
from tests.sign_in import client_of

SYSTEM = system_actor("演示")
NAME, PHONE, IDENTITY = "演示戊己", "13812345678", "11010519491231002X"
TODAY = dt.date(2026, 6, 15)
TELLING = f"{NAME}（{PHONE}）"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.AUDIT_CHECKPOINTS = tmp_path


@pytest.fixture(autouse=True)
def day():
    with clock.fixed(TODAY):
        yield


def dump() -> str:
    """Every row of the audit as text; bytes stand in it as hexadecimal."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT e::text FROM audit_entry e ORDER BY id")
        return "\n".join(row for (row,) in cursor.fetchall())


def leaks() -> list[str]:
    """Which of the person's values stand in the audit, in any form a reader of the table would find."""
    text, told = dump(), []
    for value in (NAME, PHONE, IDENTITY, "戊己"):
        escaped = value.encode("unicode_escape").decode()
        if value in text or value.encode().hex() in text or escaped in text:
            told.append(value)
    return told


def a_life(clerk: Member) -> Member:
    """Somebody in office who is written about and writes, in every service that takes words."""
    person = services.register_person(
        actor=clerk.actor, name=NAME, place_code=COMMUNITY, phone=PHONE, identity=IDENTITY
    )
    services.correct_person(actor=clerk.actor, person=person, phone="13812345679", reason=f"{TELLING}换号")
    services.correct_person(actor=clerk.actor, person=person, phone=PHONE, reason=f"{TELLING}换回")
    services.reveal(actor=clerk.actor, person=person, field="phone", purpose="visit")
    unit = Appointment.objects.get(person=clerk.person).unit
    held = appoint(
        actor=SYSTEM, person_id=person.pk, unit_id=unit.pk, post="street_officer", valid_from=SINCE,
        document=f"关于{TELLING}任职的通知",
    )  # fmt: skip
    account = accounts.create_account(actor=SYSTEM, person=person, username="subject")
    accounts.deactivate_account(actor=SYSTEM, account=account, reason=f"{TELLING}休假")
    accounts.reactivate_account(actor=SYSTEM, account=account, reason=f"{TELLING}回来")
    accounts.reset_password(actor=SYSTEM, account=account, reason=f"{TELLING}忘记密码")
    accounts.unlock_account(actor=SYSTEM, account=account, reason=f"{TELLING}到场")
    account.refresh_from_db()
    subject = Member(person, account)
    other = services.register_person(actor=subject.actor, name="演示庚", place_code=COMMUNITY)
    services.correct_person(actor=subject.actor, person=other, phone="13800000009", reason=f"由{TELLING}更正")
    answer = client_of(clerk.account).get(f"/desk/r/appointments/export.csv?q={NAME}")
    assert NAME in b"".join(answer).decode()
    accounts.signed_in(actor=subject.actor, account=account, way="password")
    household(person)
    rename_unit(
        actor=subject.actor,
        unit_id=unit.pk,
        name="演示街道办二",
        effective_on=TODAY,
        document="演示〔2026〕2号",
    )
    end_appointment(
        actor=SYSTEM, appointment_id=held.pk, on=TODAY, reason=f"{TELLING}调离", document=f"免去{TELLING}"
    )
    return subject


def household(person: Person) -> None:
    new = NewBuilding(COMMUNITY + "001", "演示楼", 121.65, 38.91)
    building = add_buildings(actor=SYSTEM, buildings=[new], valid_from=SINCE)[0]
    row = designate_households(
        actor=SYSTEM,
        households=[
            NewHousehold(
                person_id=person.pk, building_id=building.pk, designated_on=SINCE, document=f"认定{TELLING}"
            )
        ],
    )[0]
    revoke_household(
        actor=SYSTEM,
        household_id=row.pk,
        revoked_on=TODAY,
        reason=f"{TELLING}搬走",
        document=f"撤销{TELLING}",
    )


def elsewhere() -> list[str]:
    """Tables other than the audit in which the name or number still stands."""
    with connection.cursor() as cursor:
        tables = [
            name for name in connection.introspection.table_names(cursor) if not name.startswith("audit_")
        ]
        found = []
        for table in tables:
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text ~ %s', [f"{NAME}|{PHONE}|{IDENTITY}"]
            )
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def words() -> list[str]:
    return [text for told in lines(Entry.objects.order_by("id")) for text in told.words.values()]


def test_after_an_erasure_the_whole_table_tells_nothing_of_the_person(fresh_database):
    make_places()
    clerk = make_member("street_officer")
    subject = a_life(clerk)
    assert leaks() == [], "not even before: it is sealed"
    assert sum(NAME in text for text in words()) >= 14, "and readable for those who may"
    seal_committed()
    before = dump()
    own = Entry.objects.filter(account_id=subject.account.pk).order_by("-id").first()
    assert own is not None and line(own).who == NAME

    erase_person(actor=clerk.actor, person=subject.person, ground="asked")
    seal_committed()
    assert leaks() == []
    assert dump().startswith(before), "no row was changed for it"
    report = verify()
    assert report.sound and report.unsealed == 0
    assert line(own).who == TOMBSTONE
    assert not elsewhere(), "what other tables keep of the words"
    about = Entry.objects.filter(person_ref=subject.person.pk)
    assert about.count() >= 12 and not any(told.words for told in lines(about))
    assert not any(personal_values(entry) for entry in about)
    registered = Entry.objects.get(action="people.register", target_id=str(subject.person.pk))
    assert line(registered).who == clerk.person.name and registered.scope == f"street_officer@{STREET}"


def test_the_chain_verifies_after_a_new_master_key_and_a_tampering_is_still_found(fresh_database, settings):
    make_places()
    clerk = make_member("street_officer")
    subject = a_life(clerk)
    seal_committed()
    settings.OLD_MASTER_KEY, settings.MASTER_KEY = settings.MASTER_KEY, bytes(range(32))
    call_command("reseal_people")
    assert sum(NAME in text for text in words()) >= 14, "the person's own key stayed the same"
    erase_person(actor=clerk.actor, person=subject.person, ground="asked")
    seal_committed()
    assert verify().sound and leaks() == []
    from tests.audit.test_chain import superuser

    with superuser(fresh_database) as ruler:
        ruler.execute("UPDATE audit_entry SET sealed = NULL, key_ref = NULL WHERE action = 'people.register'")
    assert not verify().sound


def test_histories_and_the_auditors_page_name_who_acted_in_few_queries(db, django_assert_max_num_queries):
    make_places()
    clerk, auditor = make_member("street_officer"), client_of(make_member("audit_administrator").account)
    for number in range(60):
        person = services.register_person(actor=clerk.actor, name=f"演示{number}", place_code=COMMUNITY)
        services.correct_person(
            actor=clerk.actor, person=person, phone="13800000009", reason=f"演示理由{number}"
        )
    auditor.get("/desk/r/audit/")
    with django_assert_max_num_queries(30):
        page = auditor.get("/desk/r/audit/").content.decode()
    assert clerk.person.name in page
    found = auditor.get("/desk/r/audit/", {"q": clerk.person.name}).content.decode()
    assert "更正个人信息" in found and "没有" not in found.partition("<tbody")[2].partition("</tbody")[0]
    sheet = b"".join(auditor.get("/desk/r/audit/export.csv?columns=all")).decode()
    assert "演示理由59" in sheet and clerk.person.name in sheet
    with django_assert_max_num_queries(3):
        assert {told.who for told in lines(Entry.objects.filter(action="people.correct"))} == {
            clerk.person.name
        }
