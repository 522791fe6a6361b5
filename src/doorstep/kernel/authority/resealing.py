"""Second factors' seeds, sealed anew under the present cipher and master key."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction

from doorstep.kernel.authority.adapters import SecondFactorAdapter

SECRETS = ("secret", "seed")  # of the codes on the phone, of the recovery codes


@transaction.atomic
def reseal_second_factors() -> int:
    """Gives how many were done."""
    adapter = SecondFactorAdapter()
    rows = list(Authenticator.objects.select_for_update().order_by("pk"))
    for row in rows:
        for name in SECRETS:
            if name in row.data:
                row.data[name] = adapter.encrypt(adapter.decrypt(row.data[name]))
        row.save(update_fields=["data"])
    return len(rows)
