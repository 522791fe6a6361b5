"""Transfers between two of many accounts, as hordak's documentation makes them: `transfer_to`, a transaction of the database
each, with hordak's constraints and triggers in force and no balance asked for.

    python -m bench.beside_hordak.transfers ACCOUNTS TRANSFERS numbers|loaded

`numbers`: each transfer is given the numbers of its accounts and reads both in one query, as whoever is asked for a transfer must;
`loaded`: all accounts have been read before.
For each line read, every worker makes TRANSFERS of them; the seconds are written. At the end of input the books are checked.
"""

from __future__ import annotations

import random
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402  needs the settings
from django.db import connection, transaction  # noqa: E402  likewise
from django.db.models import Count, Sum  # noqa: E402  likewise
from hordak.models import Account, AccountType, Leg, Transaction  # noqa: E402  likewise
from moneyed import Money  # noqa: E402  likewise

from bench.at_once import WARM, WORKERS, Act, together  # noqa: E402  likewise

ONE, GIVEN, BATCH = Money(1, "CNY"), Money(1000, "CNY"), 1000
ENFORCED = """SELECT count(*) FILTER (WHERE tgenabled = 'O'), count(*), current_setting('fsync'),
    current_setting('synchronous_commit') FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = 'hordak_leg'::regclass"""


def main() -> None:
    accounts, transfers, loaded = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "loaded"
    call_command("migrate", verbosity=0, interactive=False)
    numbers = _opened(accounts)
    _give_to_all(numbers)
    print("ready", flush=True)
    rounds = 0
    for _line in sys.stdin:
        seed = rounds * WORKERS
        print(
            together(lambda worker, seed=seed: _prepared(numbers, seed + worker, transfers, loaded=loaded)),
            flush=True,
        )
        rounds += 1
    _check(accounts, rounds * WORKERS * (WARM + transfers))


def _opened(accounts: int) -> list[int]:
    """Accounts side by side, as `Account.objects.create` makes them, but that one by one it takes minutes."""
    Account.objects.bulk_create(
        Account(name=str(n), code=str(n), type=AccountType.liability, tree_id=n, level=0, lft=1, rght=2)
        for n in range(1, accounts + 1)
    )
    return list(Account.objects.values_list("pk", flat=True))


def _give_to_all(numbers: list[int]) -> None:
    """As in our books, everybody is given something first, so that tables are not empty and their statistics known."""
    source = Account.objects.create(name="issue", code="issue", type=AccountType.equity)
    for start in range(0, len(numbers), BATCH):
        some = numbers[start : start + BATCH]
        with transaction.atomic():
            made = Transaction.objects.bulk_create(Transaction() for _number in some)
            Leg.objects.bulk_create(Leg(transaction=one, account=source, debit=GIVEN) for one in made)
            Leg.objects.bulk_create(
                Leg(transaction=one, account_id=number, credit=GIVEN)
                for one, number in zip(made, some, strict=True)
            )
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _prepared(numbers: list[int], seed: int, transfers: int, *, loaded: bool) -> Act:
    chance = random.Random(seed)
    pairs = [chance.sample(numbers, 2) for _transfer in range(WARM + transfers)]
    all_ = Account.objects.in_bulk({number for pair in pairs for number in pair}) if loaded else None

    def act(pairs: list[list[int]]) -> None:
        for giver, taker in pairs:
            known = all_ or Account.objects.in_bulk((giver, taker))
            known[giver].transfer_to(known[taker], ONE)

    act(pairs[:WARM])
    return lambda: act(pairs[WARM:])


def _check(given: int, made: int) -> None:
    """As many as were made, of two legs each, in balance, with every trigger in force and nothing left to chance on disk."""
    assert Transaction.objects.count() == given + made
    assert not Transaction.objects.annotate(legs_it_has=Count("legs")).exclude(legs_it_has=2).exists()
    sums = Leg.objects.aggregate(credits=Sum("credit"), debits=Sum("debit"))
    assert sums["credits"] == sums["debits"] == given * GIVEN.amount + made, sums
    with connection.cursor() as cursor:
        cursor.execute(ENFORCED)
        enforced, triggers, fsync, durable = cursor.fetchone()
    assert enforced == triggers > 0 and (fsync, durable) == ("on", "on")


if __name__ == "__main__":
    main()
