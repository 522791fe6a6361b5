"""The sealer and the verification: tampered with for real, by who rules the database."""

import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.audit.checkpoints import file_of_this_database
from doorstep.kernel.audit.models import Checkpoint, Entry, Seal
from doorstep.kernel.audit.seal import seal_committed
from doorstep.kernel.audit.selectors import chain_state
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.audit.verify import verify
from doorstep.kernel.people.erasure import erase_person
from doorstep.kernel.people.services import register_person
from doorstep.kernel.places.models import Area
from doorstep.launch.database_urls import cluster

SYSTEM = system_actor("test")


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.AUDIT_CHECKPOINTS = tmp_path


def write(count: int, action: str = "test.act") -> None:
    with transaction.atomic():
        record_many(SYSTEM, (Act(action, Area(code="21"), "21", {"n": [n, n + 1]}) for n in range(count)))


@contextmanager
def superuser(database: str):
    """Who rules the database: triggers and foreign keys are off for this connection."""
    with cluster().connect_superuser(database) as ruler:
        ruler.execute("SET session_replication_role = replica")
        yield ruler


@pytest.fixture
def chain(fresh_database):
    """Thirty entries sealed in three runs, and two more waiting."""
    for _ in range(3):
        write(10)
        seal_committed()
    write(2)
    report = verify()
    assert (report.sound, report.sealed, report.unsealed, report.checkpoints, report.published) == (
        True,
        30,
        2,
        3,
        3,
    )
    assert report.warnings == []
    return fresh_database


def the_first_fault():
    report = verify()
    assert not report.sound
    return report.faults[0]


def entry_at(position: int) -> int:
    return Seal.objects.get(position=position).entry_id


@pytest.mark.parametrize(
    "change",
    [
        "action = 'test.other'", "at = at + interval '1 microsecond'", "changes = '{}'", "system_reason = 'x'",
        "scope = 'x'", "place_code = '22'", "account_id = 5", "purpose = 'x'", "sealed = ''", "person_ref = 7", "key_ref = 7",
        "transaction = transaction - 1", "target_id = '22'", "mac = ''",
    ],
)  # fmt: skip
def test_an_altered_row_is_named(chain, change):
    number = entry_at(17)
    with superuser(chain) as ruler:
        ruler.execute(f"UPDATE audit_entry SET {change} WHERE id = {number}")
    fault = the_first_fault()
    assert (fault.kind, fault.entry_id, fault.position) == ("altered", number, 17)
    assert verify().fault_count == 1


def test_two_rows_that_change_places_are_named(chain):
    first, second = entry_at(4), entry_at(5)
    with superuser(chain) as ruler:
        ruler.execute(f"UPDATE audit_seal SET entry_id = -1 WHERE entry_id = {first}")
        ruler.execute(f"UPDATE audit_seal SET entry_id = {first} WHERE entry_id = {second}")
        ruler.execute(f"UPDATE audit_seal SET entry_id = {second} WHERE entry_id = -1")
    report = verify()
    assert [fault.position for fault in report.faults] == [4, 5]


@pytest.mark.parametrize("position", [1, 17, 30])
def test_a_removed_row_is_named(chain, position):
    number = entry_at(position)
    with superuser(chain) as ruler:
        ruler.execute(f"DELETE FROM audit_entry WHERE id = {number}")
    fault = the_first_fault()
    assert (fault.kind, fault.entry_id, fault.position) == ("removed", number, position)


@pytest.mark.parametrize("position", [1, 17])
def test_a_row_removed_with_its_seal_is_noticed(chain, position):
    number = entry_at(position)
    with superuser(chain) as ruler:
        ruler.execute(f"DELETE FROM audit_entry WHERE id = {number}")
        ruler.execute(f"DELETE FROM audit_seal WHERE position = {position}")
    fault = the_first_fault()
    assert (fault.kind, fault.position) == ("removed", position)


def test_an_end_cut_off_is_noticed(chain):
    with superuser(chain) as ruler:
        ruler.execute(
            "DELETE FROM audit_entry e USING audit_seal s WHERE s.entry_id = e.id AND s.position > 25"
        )
        ruler.execute("DELETE FROM audit_seal WHERE position > 25")
    fault = the_first_fault()
    assert (fault.kind, fault.position) == ("removed", 26)


def test_an_end_cut_off_together_with_its_checkpoint_is_noticed_by_the_file(chain):
    with superuser(chain) as ruler:
        ruler.execute(
            "DELETE FROM audit_entry e USING audit_seal s WHERE s.entry_id = e.id AND s.position > 20"
        )
        ruler.execute("DELETE FROM audit_seal WHERE position > 20")
        ruler.execute("DELETE FROM audit_checkpoint WHERE position > 20")
    fault = the_first_fault()
    assert (fault.kind, fault.position) == ("removed", 21)


def test_everything_emptied_is_noticed_by_the_file_and_by_a_copy_elsewhere(chain, tmp_path):
    copy = tmp_path / "elsewhere.jsonl"
    copy.write_bytes(file_of_this_database().read_bytes())
    with superuser(chain) as ruler:
        ruler.execute("DELETE FROM audit_checkpoint")
        ruler.execute("DELETE FROM audit_seal")
        ruler.execute("DELETE FROM audit_entry")
    assert the_first_fault().kind == "removed"
    file_of_this_database().unlink()
    assert verify().sound
    assert verify(file=copy).faults[0].kind == "removed"


def test_a_chain_forged_as_a_whole_is_noticed(chain):
    """Who rewrites an entry and recomputes every digest after it still lacks the key and the published points."""
    from doorstep.kernel.audit.canonical import COLUMNS, START, chained

    with superuser(chain) as ruler:
        ruler.execute(f"UPDATE audit_entry SET action = 'forged' WHERE id = {entry_at(3)}")
        columns = ", ".join(f"e.{column}" for column in COLUMNS).replace("e.changes", "e.changes::text")
        rows = ruler.execute(
            f"SELECT s.position, {columns} FROM audit_seal s JOIN audit_entry e ON e.id = s.entry_id ORDER BY 1"
        ).fetchall()
        digest = START
        for position, *values in rows:
            digest = chained(digest, values)
            ruler.execute("UPDATE audit_seal SET digest = %s WHERE position = %s", [digest, position])
            ruler.execute("UPDATE audit_checkpoint SET digest = %s WHERE position = %s", [digest, position])
    report = verify()
    assert {fault.kind for fault in report.faults} == {"checkpoint"}
    assert any("不是本平台签的" in fault.text for fault in report.faults)
    assert any("第 10 位与检查点不符" in fault.text for fault in report.faults)


@pytest.mark.parametrize("own_transaction", [True, False])
def test_an_inserted_row_is_named_before_and_after_the_sealer_ran(chain, own_transaction):
    columns = "at, account_id, system_reason, scope, action, target, target_id, place_code, changes, purpose, person_ref, key_ref, sealed, mac"
    extra = "" if own_transaction else ", transaction"
    with superuser(chain) as ruler:
        (number,) = ruler.execute(
            f"INSERT INTO audit_entry ({columns}{extra}) SELECT {columns.replace('action', chr(39) + 'x' + chr(39))}{extra}"
            f" FROM audit_entry WHERE id = {entry_at(5)} RETURNING id"
        ).fetchone()
    for _ in range(2):
        fault = the_first_fault()
        assert (fault.kind, fault.entry_id) == ("inserted", number)
        seal_committed()
    assert not Seal.objects.filter(entry_id=number).exists()


def test_an_exact_copy_of_an_old_row_is_noticed(chain):
    columns = "at, account_id, system_reason, scope, action, target, target_id, place_code, changes, purpose, person_ref, key_ref, sealed, mac, transaction"
    with superuser(chain) as ruler:
        (number,) = ruler.execute(
            f"INSERT INTO audit_entry ({columns}) SELECT {columns} FROM audit_entry WHERE id = {entry_at(5)} RETURNING id"
        ).fetchone()
    fault = the_first_fault()
    assert (fault.kind, fault.entry_id) == ("inserted", number) and "事后插入" in fault.text


def test_a_seal_nobody_signed_is_noticed(chain):
    unsealed = Entry.objects.filter(seal__isnull=True).order_by("id").first()
    with superuser(chain) as ruler:
        ruler.execute(
            "INSERT INTO audit_seal (position, entry_id, digest, sealed_at) VALUES (31, %s, %s, now())",
            [unsealed.pk, bytes(32)],
        )
    assert {fault.kind for fault in verify().faults} == {"altered", "inserted"}


def test_protection_switched_off_is_told(chain):
    with cluster().connect_superuser(chain) as ruler:
        ruler.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_append_only")
        ruler.execute("GRANT DELETE ON audit_entry TO doorstep_app")
    report = verify()
    assert report.sound and len(report.warnings) == 2


def test_the_chain_verifies_after_an_erasure(fresh_database):
    person = register_person(actor=SYSTEM, name="演示甲", place_code="", phone="13800000000")
    seal_committed()
    erase_person(actor=SYSTEM, person=person, ground="asked")
    seal_committed()
    report = verify()
    assert report.sound and report.sealed == 2


def test_a_checkpoint_file_that_was_edited_is_noticed(chain):
    file = file_of_this_database()
    lines = file.read_text().splitlines()
    file.write_text("\n".join([lines[0].replace('"digest": "', '"digest": "00'), *lines[1:], "odd"]) + "\n")
    assert {fault.kind for fault in verify().faults} == {"checkpoint"}


def test_a_new_master_key_needs_the_old_one_only_for_a_while(chain, settings):
    settings.OLD_MASTER_KEY, settings.MASTER_KEY = settings.MASTER_KEY, bytes(range(32))
    seal_committed()
    settings.OLD_MASTER_KEY = b""
    report = verify()
    assert report.sound and "3 个检查点不是用现在的主密钥签的" in report.warnings[0]


def test_carried_to_another_server_the_chain_goes_on(chain):
    """There, transactions count anew: a horizon far ahead stands for that."""
    head = Checkpoint.objects.latest("position")
    with superuser(chain) as ruler:
        ruler.execute("UPDATE audit_entry SET transaction = transaction + 1000000000 WHERE id > 30")
        head.horizon += 1_000_000_000
        from doorstep.kernel.audit.checkpoints import signature_of

        ruler.execute(
            "UPDATE audit_checkpoint SET horizon = %s, signature = %s WHERE position = 30",
            [head.horizon, signature_of(head)],
        )
    write(3)
    assert verify().sound
    assert seal_committed().count == 5
    write(1)
    assert seal_committed().count == 1
    report = verify()
    assert (report.sound, report.sealed, report.unsealed) == (True, 36, 0)


def test_the_command_in_words_and_in_json(chain, capsys):
    call_command("verify_audit")
    said = capsys.readouterr().out
    assert "已封存 30 条" in said and "未封存 2 条" in said and "核验通过" in said
    number = entry_at(17)
    with superuser(chain) as ruler:
        ruler.execute(f"DELETE FROM audit_entry WHERE id = {number}")
    with pytest.raises(SystemExit) as end:
        call_command("verify_audit", "--format", "json")
    data = json.loads(capsys.readouterr().out)
    assert end.value.code == 1
    assert data["sound"] is False
    assert data["faults"][0] == {
        "kind": "removed", "entry": number, "position": 17, "text": f"审计记录 {number} 被删除"
    }  # fmt: skip


def test_the_state_tells_the_unsealed_tail(chain):
    state = chain_state()
    assert (state.sealed, state.unsealed) == (30, 2) and len(state.head) == 64


def test_two_sealers_do_not_meet(chain):
    holder = threading.Event()
    done = threading.Event()

    def hold():
        with transaction.atomic():
            connection.cursor().execute("SELECT pg_advisory_xact_lock(7210203)")
            holder.set()
            done.wait(10)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    holder.wait(10)
    assert seal_committed().busy
    done.set()
    thread.join()
    assert seal_committed().count == 2


def test_an_entry_committed_late_is_sealed_later_and_lost_never(fresh_database):
    """Its number is smaller than that of entries already sealed."""
    written, go_on = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            record_many(SYSTEM, [Act("test.slow", Area(code="21"), "21")])
            written.set()
            go_on.wait(10)
        connection.close()

    write(5)
    thread = threading.Thread(target=slow)
    thread.start()
    written.wait(10)
    write(5)
    assert seal_committed().count == 5  # those below the transaction that still runs
    report = verify()
    assert report.sound and report.unsealed == 5
    go_on.set()
    thread.join()
    assert seal_committed().count == 6
    report = verify()
    assert (report.sound, report.sealed, report.unsealed) == (True, 11, 0)


def test_many_writers_beside_the_sealer_lose_nothing_and_never_wait(fresh_database):
    """Eight processes' worth of threads write, some slowly, while the sealer runs without a pause."""
    slowest: list[float] = []
    stop = threading.Event()

    def writer(number: int):
        longest = 0.0
        for _ in range(25):
            start = time.perf_counter()
            with transaction.atomic():
                record_many(SYSTEM, [Act(f"test.{number}", Area(code="21"), "21")] * 4)
                if number % 4 == 0:
                    time.sleep(0.005)
            longest = max(longest, time.perf_counter() - start)
        slowest.append(longest)
        connection.close()

    def sealer():
        while not stop.is_set():
            seal_committed()
        connection.close()

    threads = [threading.Thread(target=writer, args=(n,)) for n in range(8)]
    sealing = threading.Thread(target=sealer)
    sealing.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    sealing.join()
    seal_committed()
    report = verify()
    assert (report.sound, report.sealed, report.unsealed) == (True, 8 * 25 * 4, 0)
    assert max(slowest) < 5
    positions = list(Seal.objects.order_by("position").values_list("position", flat=True))
    assert positions == list(range(1, 801))


def test_no_writer_waits_while_a_sealer_is_in_the_middle(fresh_database):
    write(10)
    with transaction.atomic():
        seal_committed()  # its transaction stays open
        finished = threading.Event()

        def writer():
            write(1)
            finished.set()
            connection.close()

        thread = threading.Thread(target=writer)
        thread.start()
        assert finished.wait(5)
        thread.join()
    assert seal_committed().count == 1


def test_twenty_thousand_entries_in_seconds(fresh_database):
    for _ in range(4):
        write(5000)
    start = time.perf_counter()
    assert seal_committed().count == 20000
    assert time.perf_counter() - start < 8
    start = time.perf_counter()
    assert verify().sealed == 20000
    assert time.perf_counter() - start < 8


def test_verification_runs_in_a_process_of_its_own_beside_the_server(chain):
    command = [
        sys.executable,
        "-m",
        "django",
        "verify_audit",
        "--format",
        "json",
        "--settings",
        "tests.settings",
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert json.loads(result.stdout)["sealed"] == 30, result.stderr
