"""Who sees accounts and keys: the system and the security administrator, and everybody their own."""

from __future__ import annotations

from django.db.models import Q

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import declare
from doorstep.kernel.access.policies import Policy, register_policy
from doorstep.kernel.authority.models import Account, Token

VIEW = declare("authority.view_accounts", posts=("system_administrator", "security_administrator"))
MANAGE = declare("authority.manage_accounts", posts=("system_administrator",))
SECURE = declare("authority.secure_accounts", posts=("security_administrator",))
ISSUE = declare("authority.issue_keys", posts=("system_administrator",))


@register_policy
class AccountPolicy(Policy):
    """The system administrator makes accounts; the security administrator resets, unlocks and stops them."""

    model = Account
    view = VIEW
    place_field = "person__place_code"
    actions = {"create": MANAGE, "deactivate": SECURE, "reactivate": SECURE, "reset": SECURE}

    def place_of(self, obj: Account) -> str:
        """An account of nobody belongs to the whole installation."""
        return obj.person.place_code if obj.person is not None else ""

    def participation(self, actor: Actor) -> Q | None:
        return Q(pk=actor.account_id)


@register_policy
class TokenPolicy(Policy):
    """Everybody makes and stops their own; the system administrator gives partner units theirs; the security
    administrator stops any."""

    model = Token
    view = VIEW

    def participation(self, actor: Actor) -> Q | None:
        return Q(account_id=actor.account_id) if actor.account_id is not None else None

    def can(self, actor: Actor, action: str, obj: Token) -> bool:
        if action == "revoke":
            own = actor.account_id is not None and obj.account_id == actor.account_id
            gave = obj.unit_id is not None and actor.holds(ISSUE, obj.place_code)
            return own or gave or actor.holds(SECURE, obj.place_code)
        return super().can(actor, action, obj)
