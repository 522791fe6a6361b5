"""The end of words: what goes, what stays, and a person's own erasure and copy."""

import datetime as dt
import json

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils.module_loading import import_string

from doorstep.kernel.access.actors import Actor, Grant
from doorstep.kernel.access.capabilities import capabilities_of
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.declarations.schedule import all_jobs
from doorstep.kernel.matters.models import (
    Attachment,
    Deadline,
    History,
    Link,
    Matter,
    MessageChoice,
    Notice,
    Participation,
    Remark,
    RetentionTerm,
    SupervisionOrder,
)
from doorstep.kernel.matters.services_attachments import attach
from doorstep.kernel.matters.services_links import merge_into, relate
from doorstep.kernel.matters.services_remarks import remark, supervise
from doorstep.kernel.matters.services_retention import (
    TOMBSTONE,
    closed_before,
    erase_due,
    erase_words,
    set_retention_term,
)
from doorstep.kernel.people.erasure import erase_person
from doorstep.kernel.people.own_data import as_json, own_data
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation
from tests.matters.offices import appoint_cast, reachable
from tests.matters.uploads import photo, upload
from tests.matters.world import SYSTEM, UNTIL, opened, step

LATER = dt.date(2028, 6, 16)  # two whole years after the day of closing
SECRET = "三单元演示某某"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.ATTACHMENTS_FOLDER = tmp_path
    return tmp_path


def told_and_closed(world, **more):
    """A matter that says the secret wherever words can be."""
    matter = opened(world, title=SECRET, text=SECRET, address=SECRET, longitude=121.6, latitude=38.9, **more)
    step(world, "worker", matter, "accept", note=SECRET)
    step(world, "worker", matter, "suspend", note=SECRET, until=UNTIL)
    step(world, "worker", matter, "resume")
    for internal in (False, True):
        remark(actor=world["worker"], matter_id=matter.pk, text=SECRET, internal=internal)
    remark(actor=world["resident"], matter_id=matter.pk, text=SECRET, internal=False)
    attach(actor=world["resident"], matter_id=matter.pk, upload=upload(f"{SECRET}.jpg", photo()))
    due = clock.now() + dt.timedelta(days=1)
    supervise(actor=world["street"], matter_id=matter.pk, reason=SECRET, reply_due=due)
    other = opened(world)
    relate(actor=world["community"], matter_id=matter.pk, other_id=other.pk, reason=SECRET)
    duplicate = opened(world, by="neighbour", reporter_id=world.people["neighbour"].pk)
    merge_into(actor=world["community"], matter_id=duplicate.pk, main_id=matter.pk)
    step(world, "worker", matter, "handle", note=SECRET, internal=SECRET)
    step(world, "community", matter, "verify", note=SECRET)
    step(world, "resident", matter, "ask_reopen", note=SECRET)
    return step(world, "community", matter, "decline_reopen", note=SECRET)


def whole(matter) -> str:
    """All rows of the tables of matters, as text."""
    tables = (Matter, History, Remark, Attachment, SupervisionOrder, Deadline, Link, Notice, Participation)
    with connection.cursor() as cursor:
        found = []
        for name in [*(model._meta.db_table for model in tables), "matters_pause"]:
            cursor.execute(f"SELECT row_to_json(t)::text FROM {name} t")
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def term(months=24):
    set_retention_term(
        actor=SYSTEM, kind="request", months=months, clause="演示", valid_from=dt.date(2024, 1, 1)
    )


def test_what_goes_and_what_stays(world, folder, django_capture_on_commit_callbacks):
    appoint_cast(world)
    term()
    matter = told_and_closed(world)
    before = list(
        History.objects.filter(matter=matter).order_by("pk").values("name", "at", "source", "target", "unit")
    )
    promises = list(Deadline.objects.filter(matter=matter).order_by("pk").values())
    assert SECRET in whole(matter)
    assert len(list(folder.rglob("*.jpg"))) == 2
    with clock.fixed(LATER), django_capture_on_commit_callbacks(execute=True):
        erased = erase_words(actor=SYSTEM, matter_id=matter.pk)
    assert erased.title == TOMBSTONE and erased.erased_at is not None
    assert SECRET not in whole(matter) and SECRET[2:4] not in str(erased.bigrams)
    assert (erased.reporter_id, erased.longitude, erased.text, erased.address) == (None, None, "", "")
    assert list(folder.rglob("*.jpg")) == []
    assert (erased.kind, erased.state, erased.place_code, erased.source) == (
        "request",
        "closed",
        matter.place_code,
        "phone",
    )
    after = (
        History.objects.filter(matter=matter).order_by("pk").values("name", "at", "source", "target", "unit")
    )
    assert (
        list(after) == before
        and list(Deadline.objects.filter(matter=matter).order_by("pk").values()) == promises
    )
    resident = world.people["resident"].pk
    for rows in (History.objects, Remark.objects, Attachment.objects):
        assert not rows.filter(matter=matter, person=resident).exists()
    assert History.objects.filter(matter=matter, person=world.people["worker"].pk).exists()
    assert not Notice.objects.filter(matter=matter, person=resident).exists()
    assert not Participation.objects.filter(matter=matter, person__isnull=False).exists()
    entry = Entry.objects.get(action="matters.erase_words")
    assert (entry.target_id, entry.system_reason) == (str(matter.pk), "tests")
    with clock.fixed(LATER), pytest.raises(RuleViolation, match="已经删除"):
        erase_words(actor=SYSTEM, matter_id=matter.pk)
    with pytest.raises(RuleViolation, match="不能再添加"):
        remark(actor=world["community"], matter_id=matter.pk, text="补一句", internal=True)


def test_only_the_platform_only_closed_only_after_the_term(world):
    matter = told_and_closed(world)
    with clock.fixed(LATER):
        with pytest.raises(RuleViolation, match="还没有到"):
            erase_words(actor=SYSTEM, matter_id=matter.pk)  # no term says how long: kept
        term(months=24)
        with pytest.raises(NotAllowed):
            erase_words(actor=world["street"], matter_id=matter.pk)
        with pytest.raises(RuleViolation, match="还没有办结"):
            erase_words(actor=SYSTEM, matter_id=opened(world).pk)
    with clock.fixed(LATER - dt.timedelta(days=1)), pytest.raises(RuleViolation, match="还没有到"):
        erase_words(actor=SYSTEM, matter_id=matter.pk)


@pytest.mark.parametrize(
    ("today", "months", "day"),
    [("2028-06-15", 24, "2026-06-15"), ("2028-02-29", 12, "2027-02-28"), ("2026-01-31", 2, "2025-11-30"), ("2026-12-01", 12, "2025-12-01")],
)  # fmt: skip
def test_whole_months(today, months, day):
    before = closed_before(months, dt.date.fromisoformat(today))
    assert clock.day_of(before) == dt.date.fromisoformat(day) and before.hour == 0


def test_what_is_due_goes_by_itself_in_few_queries(world, django_assert_max_num_queries):
    term(months=12)
    closed = [opened(world) for _ in range(12)]
    for matter in closed:
        step(world, "resident", matter, "withdraw", note="已修好")
    left = opened(world)
    with clock.fixed(LATER):
        with django_assert_max_num_queries(42):
            assert erase_due() == 12
        assert erase_due() == 0
    assert Matter.objects.filter(erased_at__isnull=True).get().pk == left.pk
    assert not History.objects.filter(matter__in=closed).exclude(note="").exists()
    assert not History.objects.filter(matter__in=closed, person=world.people["resident"]).exists()


def test_history_forgets_people_only_with_the_whole_matter(world):
    matter = opened(world)
    step(world, "worker", matter, "accept")
    for change in ({"person": None, "account_id": None}, {"person": world.people["neighbour"]}):
        with pytest.raises(DatabaseError), transaction.atomic():
            History.objects.filter(matter=matter).update(note="", internal="", **change)


def test_terms_are_set_for_the_whole_district_and_follow_each_other(world):
    today = clock.today()
    values = {"kind": "request", "clause": "演示〔2026〕1号"}
    with pytest.raises(NotAllowed):
        set_retention_term(actor=world["street"], months=24, valid_from=today, **values)
    for more, field in [
        ({"months": 0}, "months"),
        ({"months": 999}, "months"),
        ({"kind": "none"}, "kind"),
        ({"clause": ""}, "clause"),
    ]:
        with pytest.raises(RuleViolation) as refused:
            set_retention_term(
                actor=world["district"], **({"months": 24, "valid_from": today} | values | more)
            )
        assert refused.value.field == field
    with pytest.raises(RuleViolation, match="今天或以后"):
        set_retention_term(
            actor=world["district"], months=24, valid_from=today - dt.timedelta(days=1), **values
        )
    set_retention_term(actor=world["district"], months=24, valid_from=today, **values)
    set_retention_term(actor=world["district"], months=12, valid_from=today + dt.timedelta(days=10), **values)
    rows = RetentionTerm.objects.filter(kind="request", valid_from__gte=today).order_by("valid_from")
    assert [(row.months, row.valid_to) for row in rows] == [(24, today + dt.timedelta(days=10)), (12, None)]


def registrar(world) -> Actor:
    grant = Grant(
        "community_secretary", world.committee.pk, ("210202005011",), capabilities_of("community_secretary")
    )
    return Actor(account_id=90, person_id=world.people["community"].pk, name="演示书记", grants=(grant,))


def test_a_persons_erasure_waits_for_open_matters_and_takes_the_words_of_closed_ones(world):
    appoint_cast(world)
    reachable(world, "resident", "sms")
    person = world.people["resident"]
    matter = told_and_closed(world)
    with pytest.raises(RuleViolation, match="还有 1 件没有办结"):
        erase_person(actor=registrar(world), person=person, ground="asked")
    step(world, "resident", Matter.objects.get(reporter=person, is_open=True), "withdraw")
    own = opened(world, by="neighbour", reporter_id=world.people["neighbour"].pk, teller_id=person.pk)
    remark(actor=world["resident"], matter_id=own.pk, text=SECRET, internal=False)
    with pytest.raises(RuleViolation, match="没有办结"):
        erase_person(actor=registrar(world), person=person, ground="asked")
    step(world, "neighbour", own, "withdraw")
    erase_person(actor=registrar(world), person=person, ground="asked")
    assert Matter.objects.get(pk=matter.pk).erased_at is not None and SECRET not in whole(matter)
    own.refresh_from_db()
    assert own.teller_id is None and own.erased_at is None and own.title == "楼道灯不亮"
    assert not Matter.objects.filter(reporter=person).exists()
    assert not Notice.objects.filter(person=person).exists() and not MessageChoice.objects.exists()


def test_a_copy_of_ones_own(world):
    appoint_cast(world)
    reachable(world, "resident", "sms")
    matter = told_and_closed(world)
    copy = as_json(own_data(actor=world["resident"]))
    (reported,) = [row for row in copy["matters"] if row["number"] == matter.number]
    assert (reported["title"], reported["position"], reported["state"]) == (
        SECRET,
        "121.60000, 38.90000",
        "已结案",
    )
    assert {row["what"] for row in copy["said"]} == {SECRET, f"{SECRET}.jpg"}
    assert any(matter.number in row["what"] for row in copy["told"])
    assert copy["message_choices"][0]["channel"] == "短信"
    neighbour = world.people["neighbour"]
    reachable(world, "neighbour", phone="13900000002")
    copy = as_json(own_data(actor=world["neighbour"]))
    assert [row["number"] for row in copy["followed"]] == [matter.number]
    assert SECRET not in json.dumps(copy, ensure_ascii=False), neighbour


def test_what_matters_do_by_themselves_exists():
    for job in all_jobs():
        if job.name.startswith("matters."):
            assert callable(import_string(job.call)), job.name
