"""Who a session belongs to."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db import DEFAULT_DB_ALIAS

from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.sessions import OWN, PERSONS, brought_along, columns
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared.prepared import Prepared

KEPT = "kept_whole"  # on an account: how the kept tables stood when it was read
_WITH_PERSON = Prepared(lambda pk: Account.objects.filter(pk=pk).values_list(*columns()), 918273645)


class AccountBackend(AuthenticationBackend):
    """Signs in by user name; an account comes with its person in one query, since every page shows the name."""

    def get_user(self, user_id: Any) -> Account | None:
        for row in brought_along(user_id) or _WITH_PERSON(user_id):
            account: Account = Account.from_db(DEFAULT_DB_ALIAS, OWN, row[: len(OWN)])
            if account.person_id is not None:
                account.person = Person.from_db(DEFAULT_DB_ALIAS, PERSONS, row[len(OWN) : -1])
            setattr(account, KEPT, row[-1])
            return account if self.user_can_authenticate(account) else None
        return None
