"""A client on whose session somebody is signed in, second factor included."""

from __future__ import annotations

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from doorstep.kernel.authority.models import Account


def client_of(account: Account) -> Client:
    """Staff are let in as after a whole sign-in."""
    TOTP.activate(account, generate_totp_secret())
    client = Client()
    client.force_login(account, backend="doorstep.kernel.authority.backends.AccountBackend")
    return client
