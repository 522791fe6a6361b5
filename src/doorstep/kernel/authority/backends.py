"""Who a session belongs to."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from doorstep.kernel.authority.models import Account


class AccountBackend(AuthenticationBackend):
    """Signs in by user name; an account comes with its person in one query, since every page shows the name."""

    def get_user(self, user_id: Any) -> Account | None:
        account = Account.objects.select_related("person").filter(pk=user_id).first()
        return account if account is not None and self.user_can_authenticate(account) else None
