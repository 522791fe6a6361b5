"""What the test of killed servers asks of the installation's own shell: make a world, count what is there."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.sessions import SessionStore
from doorstep.kernel.ledger.models import Transaction
from doorstep.kernel.ledger.selectors import balance
from doorstep.kernel.ledger.verify import verify
from doorstep.modules.volunteering import books
from doorstep.modules.volunteering.models import Item, Slip, Volunteer
from tests.volunteering.redemption import world

POINTS = 1000


def session_of(account: Account, *, staff: bool = False) -> str:
    """Key of a session in which this account is signed in, with a second factor where it is staff."""
    if staff:
        TOTP.activate(account, generate_totp_secret())
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.set_expiry(timedelta(hours=12))
    session.save()
    return str(session.session_key)


def prepare(volunteers: int, pieces: int) -> None:
    made = world.build(pieces=0, fen=10_000_000)
    item = made.item("面包片", 3, pieces, fen=7, most=1000)
    phones = [session_of(made.account_of(each)) for each in made.more(volunteers, POINTS)]
    clerk = session_of(made.district.accounts["merchant"], staff=True)
    print(json.dumps({"item": item.pk, "phones": phones, "clerk": clerk}))


def counted() -> None:
    """Everything as it stands, for the test to compare."""
    slips = list(Slip.objects.values_list("key", "number", "state"))
    item = Item.objects.get(name="面包片")
    owed = item.programme.partners.get().account_id
    print(
        json.dumps(
            {
                "slips": {str(key): [number, state] for key, number, state in slips},
                "kinds": Counter(Transaction.objects.values_list("kind", flat=True)),
                "held": [
                    sum(balance(each.points_id) for each in Volunteer.objects.all()),
                    balance(books.standing(books.book(books.POINTS), books.HELD).pk),
                    balance(books.standing(books.book(books.POINTS), books.REDEEMED).pk),
                ],
                "pieces": [balance(item.stock_id), balance(item.reserved_id)],
                "fen": [balance(item.programme.fund_id), balance(item.programme.pledged_id), balance(owed)],
                "sound": verify().sound,
            }
        )
    )
