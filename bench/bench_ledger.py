"""Booking by eight workers at once, booking in batches, verifying, and a passbook of a book with millions of entries.

An entry is one line of one account: a transfer makes two, one on each side.
"""

from __future__ import annotations

import contextlib
import random
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
from django.db import connection
from django.test import override_settings

from bench.at_once import WARM, WORKERS, Act, together
from bench.beside_hordak.process import hordak
from bench.measuring import Measured, Stage, bench, medians_in_turn
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.ledger.journal import COLUMNS, TABLES
from doorstep.kernel.ledger.models import HOLDER, POOL, SOURCE, Account, Balance, Book, Transaction, Transfer
from doorstep.kernel.ledger.seal import fetched, seal_committed
from doorstep.kernel.ledger.selectors import balance, lines
from doorstep.kernel.ledger.services import Move, Posting, open_account, open_book, post, post_many
from doorstep.kernel.ledger.verify import verify
from doorstep.kernel.shared.ready import ask
from doorstep.launch import databases
from doorstep.launch.database_urls import cluster

ACTOR = system_actor("bench")
ACCOUNTS, POSTS, ROUNDS = 10_000, 250, 4
MADE = ROUNDS * WORKERS * (POSTS + WARM)
BATCH, BATCHES = 1000, 10
ENTRIES_VERIFIED, ENTRIES_MANY, ENTRIES_FEW, PAGES, RING = 1_000_000, 10_000_000, 10_000, 200, 100
BARE = """
CREATE TABLE bench_bare (id bigint PRIMARY KEY, amount bigint NOT NULL);
CREATE TABLE bench_bare_move (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, debit bigint NOT NULL,
    credit bigint NOT NULL, amount bigint NOT NULL);
CREATE FUNCTION bench_bare_post(d bigint, c bigint, x bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE bench_bare SET amount = amount + CASE id WHEN d THEN -x ELSE x END WHERE id = least(d, c);
    UPDATE bench_bare SET amount = amount + CASE id WHEN d THEN -x ELSE x END WHERE id = greatest(d, c);
    INSERT INTO bench_bare_move (debit, credit, amount) VALUES (d, c, x);
END $$;
"""


@dataclass(frozen=True)
class World:
    """A book whose holders have plenty, and a merchant's pool."""

    database: str
    book: Book
    source: int
    shop: int
    holders: list[int]

    def posting(self, debit: int, credit: int, amount: int = 1) -> Posting:
        return Posting(book=self.book, key=uuid.uuid4(), kind="bench", moves=(Move(debit, credit, amount),))


@contextlib.contextmanager
def _world(stage: Stage, accounts: int = ACCOUNTS) -> Iterator[World]:
    with (
        stage.empty() as database,
        tempfile.TemporaryDirectory() as folder,
        override_settings(LEDGER_CHECKPOINTS=folder),
    ):
        book = open_book(code="points", name="演示积分", unit="points")
        source = open_account(book=book, code="issue", kind=SOURCE).pk
        shop = open_account(book=book, code="shop", kind=POOL).pk
        Account.objects.bulk_create(
            Account(book=book, code=str(number), kind=HOLDER) for number in range(accounts)
        )
        holders = list(Account.objects.filter(kind=HOLDER).order_by("pk").values_list("pk", flat=True))
        yield World(database, book, source, shop, holders)


@bench(
    "ledger: postings by 8 connections on 10,000 accounts, against a bare function of two updates and one insert",
    aim=2,
)
def postings(stage: Stage) -> Measured:
    return _against_the_function(stage, _by_the_driver)


@bench("ledger: postings by 8 connections, against that function called past the driver's cursors", aim=None)
def postings_past_the_cursors(stage: Stage) -> Measured:
    return _against_the_function(stage, _past_the_cursors)


def _against_the_function(stage: Stage, way: Work) -> Measured:
    with _world(stage) as world:
        _give_to_all(world)
        with databases.connect("owner", world.database) as owner:
            owner.execute(BARE)
            owner.execute(
                "INSERT INTO bench_bare SELECT n, 1000 FROM unnest(%s::bigint[]) n", [world.holders]
            )
            owner.execute(f"GRANT ALL ON bench_bare, bench_bare_move TO {connection.settings_dict['USER']}")
        ours, bare = _race(world, _to_each_other, way)
        _none_lost_none_doubled(world, MADE)
        with connection.cursor() as cursor:
            cursor.execute("SELECT (SELECT count(*) FROM bench_bare_move), sum(amount) FROM bench_bare")
            assert cursor.fetchone() == (MADE, ACCOUNTS * 1000)
        return Measured(ours, bare, note=_rates(ours, bare))


@bench(
    "ledger: postings by 8 connections all to one merchant, against postings of holders to each other",
    aim=1.25,
)
def one_merchant(stage: Stage) -> Measured:
    with _world(stage) as world:
        _give_to_all(world)
        ours, uniform = _race(world, _to_the_shop, _to_each_other)
        _none_lost_none_doubled(world, 2 * MADE)
        assert balance(world.shop) == MADE
        return Measured(ours, uniform, note=_rates(ours, uniform))


@bench(
    "ledger: postings by 8 connections on 10,000 accounts, against transfers of django-hordak, which keeps no balance",
    aim=0.2,
)
def against_hordak(stage: Stage) -> Measured:
    return _against_hordak(stage, given="numbers")


@bench(
    "ledger: postings by 8 connections, against transfers of django-hordak between accounts read before",
    aim=None,
)
def against_hordak_loaded(stage: Stage) -> Measured:
    return _against_hordak(stage, given="loaded")


def _against_hordak(stage: Stage, *, given: str) -> Measured:
    with _world(stage) as world, hordak(ACCOUNTS, POSTS, given=given) as seconds_of_hordak:
        _give_to_all(world)
        ours, theirs = _in_turn(
            lambda turn: _together(world, _to_each_other, turn), lambda _turn: seconds_of_hordak()
        )
        _none_lost_none_doubled(world, MADE)
        return Measured(ours, theirs, note=f"{_rates(ours, theirs)}: {theirs / ours:.1f} times its rate")


def _rates(ours: float, bare: float) -> str:
    return f"{1 / ours:,.0f} a second against {1 / bare:,.0f}, durable"


def _give_to_all(world: World) -> None:
    for start in range(0, len(world.holders), BATCH):
        some = world.holders[start : start + BATCH]
        post_many(actor=ACTOR, postings=[world.posting(world.source, holder, 1000) for holder in some])
    with databases.connect("owner", world.database) as owner:
        owner.execute("VACUUM ANALYZE")


Work = Callable[[World, int], Act]


def _race(world: World, ours: Work, bare: Work) -> tuple[float, float]:
    return _in_turn(lambda turn: _together(world, ours, turn), lambda turn: _together(world, bare, turn))


def _in_turn(ours: Callable[[int], float], bare: Callable[[int], float]) -> tuple[float, float]:
    """Seconds for one posting of each, the best of some rounds in turn."""
    best = [float("inf"), float("inf")]
    for turn in range(ROUNDS):
        for side, seconds in enumerate((ours, bare)):
            best[side] = min(best[side], seconds(turn) / (WORKERS * POSTS))
    return best[0], best[1]


def _together(world: World, work: Work, turn: int) -> float:
    return together(lambda number: work(world, turn * WORKERS + number))


def _to_each_other(world: World, seed: int) -> Act:
    chance = random.Random(seed)
    return _after_some([world.posting(*chance.sample(world.holders, 2)) for _post in range(WARM + POSTS)])


def _to_the_shop(world: World, seed: int) -> Act:
    chance = random.Random(seed)
    return _after_some(
        [world.posting(chance.choice(world.holders), world.shop) for _post in range(WARM + POSTS)]
    )


def _after_some(asked: list[Posting]) -> Act:
    _post_all(asked[:WARM])
    return lambda: _post_all(asked[WARM:])


def _post_all(asked: list[Posting]) -> None:
    for posting in asked:
        assert post(actor=ACTOR, posting=posting).is_new


def _by_the_driver(world: World, seed: int) -> Act:
    """As psycopg calls it, which keeps it ready by itself where it may."""
    connection.ensure_connection()
    raw = connection.connection
    raw.prepare_threshold, raw.cursor_factory = 0, psycopg.Cursor
    return _barely(world, seed, lambda pair: raw.execute("SELECT bench_bare_post(%s, %s, 1)", pair))


def _past_the_cursors(world: World, seed: int) -> Act:
    """Kept ready and called as ours is."""
    return _barely(world, seed, lambda pair: ask("SELECT bench_bare_post(%s, %s, 1)", pair))


def _barely(world: World, seed: int, call: Callable[[list[int]], object]) -> Act:
    chance = random.Random(seed)
    pairs = [chance.sample(world.holders, 2) for _post in range(WARM + POSTS)]

    def act(pairs: list[list[int]]) -> None:
        for pair in pairs:
            call(pair)

    act(pairs[:WARM])
    return lambda: act(pairs[WARM:])


def _none_lost_none_doubled(world: World, posted: int) -> None:
    """As many as were acknowledged, balanced, and each line of each account after the one before."""
    given = len(world.holders)
    assert Transaction.objects.count() == Transfer.objects.count() == posted + given
    assert sum(Balance.objects.values_list("amount", flat=True)) == 0
    assert balance(world.source) == -1000 * given
    report = verify()
    assert report.sound and report.unsealed == posted + given, report.faults


@bench(
    "ledger: batches of 1,000, against COPY of the same transactions and transfers into tables with the same keys",
    aim=4,
)
def batches(stage: Stage) -> Measured:
    return _batches(stage, keys="INCLUDING ALL")


@bench("ledger: batches of 1,000, against COPY of the same into heaps without any key", aim=None)
def batches_against_heaps(stage: Stage) -> Measured:
    return _batches(stage, keys="")


def _batches(stage: Stage, keys: str) -> Measured:
    with _world(stage) as world:
        _give_to_all(world)
        tables = ("ledger_transaction", "ledger_transfer")
        with databases.connect("owner", world.database) as owner:
            for table in tables:
                owner.execute(f"CREATE TABLE bench_{table} (LIKE {table} {keys})")
                owner.execute(f"GRANT ALL ON bench_{table} TO {connection.settings_dict['USER']}")
        chance, ours, bare = random.Random(1), float("inf"), float("inf")
        for _batch in range(BATCHES):
            asked = [world.posting(*chance.sample(world.holders, 2)) for _post in range(BATCH)]
            began = time.perf_counter()
            posted = post_many(actor=ACTOR, postings=asked)
            ours = min(ours, time.perf_counter() - began)
            first, last = posted[0].id, posted[-1].id
            assert all(each.is_new for each in posted) and last - first == BATCH - 1
            contents = [_copied_out(table, first, last) for table in tables]
            began = time.perf_counter()
            _copy_in(tables, contents)
            bare = min(bare, time.perf_counter() - began)
        _none_lost_none_doubled(world, BATCHES * BATCH)
        return Measured(ours, bare, note=f"{BATCH / ours:,.0f} a second")


def _copied_out(table: str, first: int, last: int) -> bytes:
    number = "id" if table == "ledger_transaction" else "transaction_id"
    statement = f"COPY (SELECT * FROM {table} WHERE {number} BETWEEN {first} AND {last}) TO STDOUT"
    with connection.connection.cursor() as cursor, cursor.copy(statement) as out:
        return b"".join(bytes(part) for part in out)


def _copy_in(tables: tuple[str, ...], contents: list[bytes]) -> None:
    with connection.connection.transaction(), connection.connection.cursor() as cursor:
        for table, content in zip(tables, contents, strict=True):
            with cursor.copy(f"COPY bench_{table} FROM STDIN") as copy:
                copy.write(content)


@bench("ledger: verification of 1,000,000 entries, against reading them in order", aim=5)
def verification(stage: Stage) -> Measured:
    with _world(stage) as world:
        _give_to_all(world)
        chance, wanted = random.Random(1), ENTRIES_VERIFIED // 2
        for _batch in range(wanted // BATCH - len(world.holders) // BATCH):
            post_many(
                actor=ACTOR,
                postings=[world.posting(*chance.sample(world.holders, 2)) for _post in range(BATCH)],
            )
        assert seal_committed().count == wanted
        with databases.connect("owner", world.database) as owner:
            owner.execute("VACUUM ANALYZE")

        def ours() -> None:
            report = verify()
            assert report.sound and (report.sealed, report.unsealed) == (wanted, 0), report.faults

        def bare() -> None:
            with connection.connection.transaction(), connection.connection.cursor(name="bench") as reader:
                reader.execute(f"SELECT {COLUMNS} FROM {TABLES} ORDER BY t.id, l.line")
                assert sum(1 for _row in fetched(reader)) == wanted

        bare()  # what it reads is then in memory for both
        mine, read = _seconds(ours), _seconds(bare)
        return Measured(mine, read, note=f"{ENTRIES_VERIFIED / mine:,.0f} entries a second")


def _seconds(call: Callable[[], None]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


@bench(
    "ledger: balance and a page of a passbook with 10,000,000 entries in the book, against 10,000", aim=1.5
)
def passbook(stage: Stage) -> Measured:
    few = _passbook_seconds(stage, ENTRIES_FEW)
    many = _passbook_seconds(stage, ENTRIES_MANY)
    return Measured(many, few, note="a page has 50 lines")


def _passbook_seconds(stage: Stage, entries: int) -> float:
    """For one balance, the newest page of 50 lines, and one further back, of holders that all have as many lines."""
    with _world(stage, accounts=RING - 1) as world:
        _lay_down(world, entries // 2)
        chance, most = random.Random(2), entries // RING
        chosen = [(chance.choice(world.holders), chance.randint(51, most)) for _page in range(PAGES)]

        def pages() -> None:
            for holder, before in chosen:
                newest, older = lines(holder), lines(holder, before=before)
                assert (len(newest), newest[0].move, newest[0].after) == (50, most, balance(holder))
                assert [line.move for line in older] == list(range(before - 1, before - 51, -1))

        return medians_in_turn(pages, pages, repeats=5)[0] / PAGES


# Transfer n is from one member of the ring to the next. The source begins and is given back; a holder is given, and gives.
LAID = """
INSERT INTO ledger_transaction (id, book_id, key, kind, day, at, place_code, about, mac, xact)
SELECT n, {book}, gen_random_uuid(), 'bench', date '2026-01-01' + (n * 150 / {number})::int,
    timestamptz '2026-01-01Z' + n * interval '150 days' / {number}, '', '', sha256('bench'), 1
FROM generate_series(1, {number}::bigint) n;
INSERT INTO ledger_transfer (transaction_id, line, debit_id, credit_id, amount, debit_stripe, credit_stripe, debit_after,
    credit_after, debit_move, credit_move)
SELECT n, 1, ring[(n - 1) % {members} + 1], ring[n % {members} + 1], 1, 0, 0,
    CASE (n - 1) % {members} WHEN 0 THEN -1 ELSE 0 END, CASE n % {members} WHEN 0 THEN 0 ELSE 1 END,
    2 * ((n - 1) / {members}) + CASE (n - 1) % {members} WHEN 0 THEN 1 ELSE 2 END,
    2 * ((n - 1) / {members}) + CASE n % {members} WHEN 0 THEN 2 ELSE 1 END
FROM generate_series(1, {number}::bigint) n, (SELECT '{ring}'::bigint[] AS ring) accounts;
UPDATE ledger_balance SET moves = 2 * {number} / {members}
WHERE account_id = ANY ('{ring}'::bigint[]) AND stripe = 0;
"""
MADE_AFTERWARDS = """
SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, c.oid IS NOT NULL,
    CASE WHEN c.oid IS NULL THEN pg_get_indexdef(i.indexrelid)
    ELSE format('ALTER TABLE %s ADD CONSTRAINT %I %s', i.indrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) END
FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype = 'u'
WHERE i.indrelid IN ('ledger_transaction'::regclass, 'ledger_transfer'::regclass) AND NOT i.indisprimary
"""


def _lay_down(world: World, number: int) -> None:
    """So many transfers by SQL, past every trigger, the indexes made afterwards. Rules of booking are measured elsewhere."""
    ring = [world.source, *world.holders]
    with cluster().connect_superuser(world.database) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("SET maintenance_work_mem = '512MB'")
        found = owner.execute(MADE_AFTERWARDS).fetchall()
        for table, name, is_constraint, _definition in found:
            owner.execute(
                f"ALTER TABLE {table} DROP CONSTRAINT {name}" if is_constraint else f"DROP INDEX {name}"
            )
        laid = LAID.format(
            book=world.book.pk, number=number, members=len(ring), ring="{" + ",".join(map(str, ring)) + "}"
        )
        owner.execute(laid)  # type: ignore[arg-type]  # made of numbers alone
        for table, _name, _is_constraint, definition in found:
            if table == "ledger_transfer":  # the others are read by no passbook
                owner.execute(definition)
        owner.execute("VACUUM ANALYZE ledger_transaction, ledger_transfer, ledger_balance")
