"""The register of people: found by a whole number and by no part of one, brought in from a sheet, numbers never told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client

from doorstep.kernel.access.actors import Actor, Grant
from doorstep.kernel.access.capabilities import capabilities_of
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.declarations.registers import ImportRow
from doorstep.kernel.people import services
from doorstep.kernel.people.importing import import_person
from doorstep.kernel.people.masking import mask_numbers
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import masked
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.places.models import Grid
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.kernel.web.imports import running
from doorstep.kernel.web.models import Export, ImportJob
from tests.authority.cast import COMMUNITY, NEXT_COMMUNITY, SYSTEM, make_member
from tests.sign_in import client_of
from tests.web import sheets

IDENTITY, PHONE = "11010519491231002X", "13812341234"
URL = "/desk/r/people/"


@pytest.fixture
def secretary(db: None) -> Client:
    return client_of(make_member("community_secretary").account)


@pytest.fixture
def person(db: None) -> Person:
    return services.register_person(
        actor=SYSTEM, name="演示找得到", place_code=COMMUNITY, phone=PHONE, identity=IDENTITY
    )


def found(client: Client, text: str) -> bool:
    answer = client.get(URL, {"q": text})
    assert answer.status_code == 200
    return "演示找得到" in answer.content.decode()


def test_names_find_here_and_whole_numbers_are_looked_for_elsewhere(
    secretary: Client, person: Person
) -> None:
    for text in ("找得到", "yszdd"):
        assert found(secretary, text), text
    for text in (PHONE, "138 1234 1234", IDENTITY, IDENTITY.lower()):
        assert secretary.get(URL, {"q": text}).headers["Location"] == "/desk/people/look-up/"
    for text in (PHONE[:10], PHONE[3:], "1381234", IDENTITY[:17], IDENTITY[6:14]):
        assert not found(secretary, text), text


def test_the_list_of_a_day_is_who_was_registered_by_then(secretary: Client, person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(created_at=clock.now() - timedelta(days=10))
    day = clock.today() - timedelta(days=10)
    listed = [
        "演示找得到" in secretary.get(URL, {"on": on.isoformat()}).content.decode()
        for on in (day - timedelta(days=1), day, clock.today())
    ]
    assert listed == [False, True, True]


def test_a_number_looked_for_is_in_no_sentence_file_or_audit(secretary: Client, person: Person) -> None:
    for text, shown in ((PHONE, "138****1234"), (IDENTITY, "1101************2X")):
        told = secretary.get(f"{URL}text/", {"q": text}).content.decode()
        assert shown in told and text not in told
        file = b"".join(secretary.get(f"{URL}export.csv", {"q": text}).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]  # it streams
        assert "演示找得到" not in file and text not in file
    kept = "".join(Export.objects.values_list("sentence", flat=True))
    assert "138****1234" in kept and PHONE not in kept and IDENTITY not in kept
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(e::text, '') FROM audit_entry e")
        audit = cursor.fetchone()[0]
    assert PHONE not in audit and IDENTITY not in audit


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("找 138 1234 1234 的人", "找 138****1234 的人"), (IDENTITY, "1101************2X"), ("2026-06-15", "2026-06-15"),
        ("12栋301", "12栋301"), ("0411-82345678", "041******678"),
    ],
)  # fmt: skip
def test_numbers_in_a_text_are_hidden(text: str, told: str) -> None:
    assert mask_numbers(text) == told


@pytest.mark.parametrize("code", ["210202005099", COMMUNITY + "099", "210299"])
def test_nobody_is_registered_at_or_moved_to_a_place_that_is_not(person: Person, code: str) -> None:
    for act in (
        lambda: services.register_person(actor=SYSTEM, name="演示某", place_code=code),
        lambda: register_people(actor=SYSTEM, people=[NewPerson("演示某", COMMUNITY), NewPerson("演示某", code)]),
        lambda: services.correct_person(actor=SYSTEM, person=person, place_code=code, reason="演示"),
    ):  # fmt: skip
        with pytest.raises(RuleViolation, match=f"没有代码为 {code} 的社区或网格") as refused:
            act()
        assert refused.value.field == "place_code"
    assert Person.objects.count() == 1 and Person.objects.get().place_code == COMMUNITY


def test_nobody_is_registered_at_a_grid_that_has_ended(person: Person) -> None:
    Grid.objects.filter(code=COMMUNITY + "001").update(valid_to=clock.today())
    with pytest.raises(RuleViolation, match="已撤销"):
        services.register_person(actor=SYSTEM, name="演示某", place_code=COMMUNITY + "001")


# From a sheet.


def worker(post: str = "community_worker", place: str = COMMUNITY) -> Actor:
    grant = Grant(post=post, unit_id=1, places=(place,), capabilities=capabilities_of(post))
    return Actor(account_id=1, name="演示社工", grants=(grant,))


def row(
    name: str, phone: str | None = None, identity: str | None = None, place: str = COMMUNITY
) -> ImportRow:
    return ImportRow(2, {"place": place, "name": name, "phone": phone, "identity": identity})


@pytest.mark.django_db
def test_a_row_registers_then_fills_in_then_changes_nothing() -> None:
    actor = worker()
    assert import_person(actor, row("演示甲一")) == "added"
    assert import_person(actor, row("演示甲一")) == "unchanged"
    assert import_person(actor, row("演示甲一", identity=IDENTITY)) == "changed"
    assert import_person(actor, row("演示甲一", PHONE, IDENTITY.lower())) == "changed"
    assert import_person(actor, row("演示甲一", "138-1234-1234")) == "unchanged"
    made = Person.objects.get()
    assert (masked(made, "phone"), masked(made, "identity")) == ("138****1234", "1101************2X")
    assert import_person(actor, row("演示甲一", "13900000000")) == "added", "another of that name"
    with pytest.raises(Refused, match="同名的不止一人") as refused:
        import_person(actor, row("演示甲一"))
    assert refused.value.field == "name"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "column", "words"),
    [
        (row("演示甲一", "1381234"), "phone", "手机号"), (row("演示甲一", "13800o00000"), "phone", "只能是数字"),
        (row("演示甲一", identity="110105194912310021"), "identity", "校验位"), (row("演示乙", identity=IDENTITY), "name", "另一个姓名"),
        (row("演示甲一", "13900000000", IDENTITY), "phone", "与已登记的电话不同"),
        (row("演示丙", place=NEXT_COMMUNITY), "place", "没有找到"), (row("演示丙", place=COMMUNITY + "077"), "place", "没有代码"),
        (row("甲\u0007"), "name", "看不见"),
    ],
)  # fmt: skip
def test_bad_rows_are_refused_at_their_column(given: ImportRow, column: str, words: str) -> None:
    assert import_person(worker(), row("演示甲一", PHONE, IDENTITY)) == "added"
    with pytest.raises(Refused, match=words) as refused:
        import_person(worker(), given)
    assert refused.value.field in (column, "")
    assert PHONE not in str(refused.value.message) and IDENTITY not in str(refused.value.message)
    assert Person.objects.count() == 1


def work(job: ImportJob) -> ImportJob:
    running.run(job.pk)
    job.refresh_from_db()
    return job


def test_a_list_comes_in_and_no_number_stays_in_what_the_import_keeps_or_hands_out(
    fresh_database: str, clock_fixed: date, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT, settings.DEMO = tmp_path, True
    client = client_of(make_member("community_secretary", is_demo=True).account)
    rows = [
        ["演示甲一", "138 1234 1234", IDENTITY, COMMUNITY], ["演示甲二", "13912345678", "110105194912310021", COMMUNITY],
        ["演示甲三", "1391234567", "", COMMUNITY],
    ]  # fmt: skip
    body = sheets.workbook(rows, headings=["姓名", "联系电话", "身份证号", "社区"])
    assert client.post(f"{URL}import/", {"file": sheets.upload(body)}).status_code == 302
    job = work(ImportJob.objects.latest("id"))
    assert (job.state, job.good, job.problem_count) == ("checked", 1, 2), job.message
    page = client.get(f"{URL}import/{job.pk}/").content.decode()
    assert "校验位" in page and "11位" in page
    report = client.get(f"{URL}import/{job.pk}/problems.xlsx")
    (tmp_path / "report.xlsx").write_bytes(report.content)
    told = [
        [str(cell) for cell in line]
        for line in openpyxl.load_workbook(tmp_path / "report.xlsx").active.values
    ]
    assert told[1][0] == "演示甲二" and "隐去，见原表第 3 行" in told[1][1]
    client.post(f"{URL}import/{job.pk}/step/", {"do": "apply", "mode": "good"})
    job = work(job)
    assert (job.state, job.added) == ("done", 1)
    assert Person.objects.get(name="演示甲一").phone_index is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(j::text, '') FROM web_importjob j")
        kept = cursor.fetchone()[0] + page + str(told)
        cursor.execute("SELECT string_agg(e::text, '') FROM audit_entry e")
        kept += cursor.fetchone()[0]
    for number in ("138 1234 1234", PHONE, IDENTITY, "13912345678", "110105194912310021", "1391234567"):
        assert number not in kept, number
    assert Entry.objects.filter(action="web.import").count() == 1
