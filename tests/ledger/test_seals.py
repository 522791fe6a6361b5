"""Seals and verification: every alteration behind the platform's back is found, and named."""

import datetime as dt
import json
import threading
import uuid

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from doorstep.kernel.ledger.canonical import leaf_of
from doorstep.kernel.ledger.models import Checkpoint, Node, Seal, Transaction
from doorstep.kernel.ledger.proofs import Forged, checked, public_keys
from doorstep.kernel.ledger.seal import file_of_this_database, seal_committed
from doorstep.kernel.ledger.selectors import booked_one, sealed_proof, slip_proof
from doorstep.kernel.ledger.services import post_many
from doorstep.kernel.ledger.verify import verify
from doorstep.launch.database_urls import cluster
from tests.ledger.world import ACTOR


@pytest.fixture
def busy_books(fresh_books):
    """Some 300 transactions in two seals, and two not sealed yet."""
    books = fresh_books
    post_many(actor=ACTOR, postings=[books.posting((books.issue, books.a, 10)) for _n in range(270)])
    books.post((books.a, books.b, 4), (books.a, books.shop, 6))
    assert seal_committed().count == 271
    for _n in range(30):
        books.spend(books.a, 2)
    assert seal_committed().count == 30
    books.earn(books.b, 1)
    books.earn(books.b, 2)
    return books


def as_superuser(database, *statements):
    with cluster().connect_superuser(database) as owner:
        owner.execute("SET session_replication_role = replica")  # past every trigger
        for statement in statements:
            owner.execute(statement)


def test_a_sound_book_verifies(busy_books):
    report = verify()
    assert report.sound, report.faults
    assert (report.sealed, report.unsealed, report.checkpoints, report.published) == (301, 2, 2, 2)
    assert not report.warnings
    assert seal_committed().count == 2 and seal_committed().count == 0
    assert verify().unsealed == 0
    assert Node.objects.filter(level=8).count() == 1


def test_sealing_in_parts_gives_the_root_of_the_whole(busy_books):
    seal_committed()
    head = Checkpoint.objects.latest("size")
    assert verify().roots == {"points": bytes(head.root).hex()}


FIFTH = "(SELECT transaction_id FROM ledger_seal ORDER BY position OFFSET 4 LIMIT 1)"
LAST = "(SELECT max(id) FROM ledger_transaction)"


@pytest.mark.parametrize(
    ("statement", "kind", "words"),
    [
        (f"UPDATE ledger_transfer SET amount = 999 WHERE transaction_id = {FIFTH}", "altered", "账目 5 被改动"),
        (f"UPDATE ledger_transaction SET kind = 'gift' WHERE id = {FIFTH}", "altered", "账目 5 被改动"),
        (f"UPDATE ledger_transaction SET account_ref = 7 WHERE id = {FIFTH}", "altered", "账目 5 被改动"),
        (f"DELETE FROM ledger_transfer WHERE transaction_id = {FIFTH}", "altered", "账目 5 被改动"),
        (f"DELETE FROM ledger_transaction WHERE id = {FIFTH}", "removed", "账目 5 被删除"),
        ("DELETE FROM ledger_seal WHERE position = 100", "removed", "第 101 至 101 条不见了"),
        ("DELETE FROM ledger_seal WHERE position > 280", "removed", "应有 301 条，只有 281 条"),
        ("DELETE FROM ledger_seal WHERE position >= 271; DELETE FROM ledger_checkpoint WHERE size > 271", "removed", "应有 301 条，只有 271 条"),
        ("UPDATE ledger_balance SET amount = amount + 5 WHERE moves > 0 AND NOT below_zero", "balance", "与余额对不上"),
        (f"UPDATE ledger_transfer SET amount = 3 WHERE transaction_id = {LAST}", "inserted", "不是本平台记的"),
        (f"UPDATE ledger_transfer SET credit_after = 9 WHERE transaction_id = {LAST}", "balance", "与余额对不上"),
        (f"DELETE FROM ledger_transfer WHERE transaction_id = {LAST}; DELETE FROM ledger_transaction WHERE id = {LAST}", "balance", "与余额对不上"),
        (f"UPDATE ledger_transaction SET xact = 3 WHERE id = {LAST}", "inserted", "是事后插入的"),
        (f"UPDATE ledger_transfer SET credit_move = 9 WHERE transaction_id = {LAST}; UPDATE ledger_balance SET moves = 9 WHERE account_id = (SELECT credit_id FROM ledger_transfer WHERE transaction_id = {LAST})", "balance", "第 9 笔"),
        ("UPDATE ledger_balance SET moves = moves + 1 WHERE moves > 0 AND NOT below_zero", "balance", "与余额对不上"),
        ("UPDATE ledger_balance SET book_id = book_id + 1 WHERE moves > 0 AND NOT below_zero", "balance", "与余额对不上"),
        ("UPDATE ledger_balance SET below_zero = true WHERE moves > 0", "balance", "与余额对不上"),
        ("UPDATE ledger_checkpoint SET root = sha256('x') WHERE size = 271", "checkpoint", "前 271 条与检查点不符"),
        ("UPDATE ledger_checkpoint SET root = sha256('x') WHERE size = 301", "checkpoint", "不是本平台签的"),
    ],
)  # fmt: skip
def test_what_was_tampered_with_is_named(busy_books, fresh_database, statement, kind, words):
    as_superuser(fresh_database, *statement.split("; "))
    report = verify()
    assert not report.sound
    assert (report.faults[0].kind, words in report.faults[0].text) == (kind, True), report.faults


WITHOUT_SEALS = ("DELETE FROM ledger_seal", "DELETE FROM ledger_node", "DELETE FROM ledger_checkpoint")


def test_a_book_sealed_anew_is_found_by_the_published_heads(busy_books, fresh_database):
    """Who holds the database and the platform's keys may seal a changed book anew; the heads kept elsewhere tell."""
    kept = file_of_this_database()
    aside = kept.rename(kept.with_suffix(".copy"))
    as_superuser(fresh_database, *WITHOUT_SEALS)
    seal_committed()
    assert verify(file=aside).sound  # the same again from the same rows
    kept.unlink()
    as_superuser(
        fresh_database,
        *WITHOUT_SEALS,
        "UPDATE ledger_transaction SET at = at - interval '1 day' WHERE id = 3",
    )
    seal_committed()
    assert (
        verify().sound
    )  # what was not asked for by anybody, but written by the platform, is in no signature
    assert [fault.kind for fault in verify(file=aside).faults] == ["checkpoint"] * 2


def test_a_seal_that_the_sealer_did_not_write_is_found(busy_books, fresh_database):
    number = Transaction.objects.latest("pk").pk
    leaf = leaf_of(booked_one(number).text()).hex()
    as_superuser(
        fresh_database,
        f"INSERT INTO ledger_seal (book_id, position, transaction_id, leaf) SELECT id, 301, {number}, '\\x{leaf}'::bytea FROM ledger_book",
    )
    assert [(fault.kind, "第 301 条以后" in fault.text) for fault in verify().faults] == [("inserted", True)]


def test_a_published_head_that_was_changed_is_no_head(busy_books):
    file = file_of_this_database()
    first, second = file.read_text().splitlines()
    file.write_text(f"{first}\n{second.replace('301', '302')}\n{second}\nnonsense\n")
    report = verify()
    assert [fault.text for fault in report.faults] == [
        "公布文件第 2 行不是检查点",
        "公布文件第 4 行不是检查点",
    ]
    assert report.published == 2


def test_fences_that_were_taken_down_are_said(busy_books, fresh_database, settings):
    as_superuser(
        fresh_database,
        "ALTER TABLE ledger_transfer DISABLE TRIGGER ledger_append_only",
        f"GRANT UPDATE ON ledger_balance TO {settings.DATABASE_APPLICATION_ROLE}",
    )
    report = verify()
    assert report.sound and len(report.warnings) == 2


def test_what_others_put_in_is_never_sealed(busy_books, fresh_database):
    as_superuser(
        fresh_database,
        "INSERT INTO ledger_transaction (book_id, key, kind, day, at, place_code, about, mac)"
        " SELECT book_id, gen_random_uuid(), 'earn', day, at, '', '', mac FROM ledger_transaction LIMIT 1",
    )
    outcome = seal_committed()
    assert (outcome.count, outcome.foreign) == (2, 1)
    assert [fault.kind for fault in verify().faults] == ["inserted"]


def test_an_open_transaction_is_not_jumped_over(fresh_books):
    books = fresh_books
    books.earn(books.a, 5)
    assert seal_committed().count == 1
    begun, go_on = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            books.post((books.a, books.shop, 5))
            begun.set()
            go_on.wait(20)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    begun.wait(20)
    books.earn(books.b, 7)
    assert seal_committed().count == 0
    go_on.set()
    thread.join(20)
    assert seal_committed().count == 2
    assert verify().sound


def test_a_proof_holds_without_the_database_and_no_forgery_does(busy_books, tmp_path, capsys):
    number = Seal.objects.get(position=264).transaction_id
    proof = sealed_proof(number)
    told = checked(proof, public_keys())
    assert (told["transaction"], told["sealed"], told["moves"][0]["amount"]) == (number, True, 10)
    slip = slip_proof(Transaction.objects.latest("pk").pk)
    assert checked(slip, public_keys())["sealed"] is False
    assert sealed_proof(Transaction.objects.latest("pk").pk) is None  # it comes with the next seal
    for forged in forgeries(proof, slip):
        with pytest.raises(Forged):
            checked(forged, public_keys())
    with pytest.raises(Forged):
        checked(proof, ["00" * 32])
    file = tmp_path / "proof.json"
    call_command("prove_ledger", str(number))
    file.write_text(capsys.readouterr().out)
    call_command("check_ledger_proof", str(file))
    assert "成立" in capsys.readouterr().out
    file.write_text(json.dumps(next(iter(forgeries(proof, slip)))))
    with pytest.raises(SystemExit):
        call_command("check_ledger_proof", str(file))
    assert "不成立" in capsys.readouterr().out


def forgeries(proof, slip):
    yield {**proof, "text": proof["text"].replace(",10,", ",99,")}
    yield {**proof, "position": proof["position"] + 1}
    yield {**proof, "path": proof["path"][::-1]}
    yield {**proof, "path": proof["path"][1:]}
    yield {**proof, "checkpoint": {**proof["checkpoint"], "root": "00" * 32}}
    yield {**proof, "checkpoint": {**proof["checkpoint"], "size": 5}}
    yield {**proof, "form": "other"}
    yield {"form": proof["form"]}
    yield {**slip, "text": slip["text"].replace('"earn"', '"gift"')}
    yield {**slip, "signature": "ff" * 64}
    yield {**slip, "signature": 5}


def test_the_commands_say_what_they_find(busy_books, fresh_database, capsys):
    call_command("verify_ledger")
    assert "核验通过" in capsys.readouterr().out
    as_superuser(fresh_database, f"UPDATE ledger_transfer SET amount = 999 WHERE transaction_id = {FIFTH}")
    with pytest.raises(SystemExit):
        call_command("verify_ledger", format="json")
    told = json.loads(capsys.readouterr().out)
    assert told["sound"] is False and told["faults"][0]["transaction_id"] == 5


def test_keys_are_hexadecimal(capsys):
    call_command("ledger_keys")
    assert [len(bytes.fromhex(key)) for key in capsys.readouterr().out.split()] == [32]


def test_a_day_held_fixed_does_not_matter(fresh_books, monkeypatch):
    """The clock may be moved back: order is by number, and what was sealed stays sealed."""
    books = fresh_books
    monkeypatch.setenv("DOORSTEP_TODAY", "2026-06-15")
    books.earn(books.a, 5)
    seal_committed()
    monkeypatch.setenv("DOORSTEP_TODAY", "2020-01-01")
    books.earn(books.a, 5, key=uuid.uuid4(), day=dt.date(2020, 1, 1))
    seal_committed()
    assert verify().sound
