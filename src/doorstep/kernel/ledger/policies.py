"""Books exist for nobody by a post alone: a module shows its holders their own, and officers what its own capability says."""

from __future__ import annotations

from doorstep.kernel.access.policies import Policy, register_policy
from doorstep.kernel.ledger.models import Account, Book, Transaction


@register_policy
class BookPolicy(Policy):
    model = Book
    place_field = "code"


@register_policy
class AccountPolicy(Policy):
    model = Account
    place_field = "code"


@register_policy
class TransactionPolicy(Policy):
    model = Transaction
