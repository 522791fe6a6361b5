"""Keys for programs: made (and said once), stopped, and who acts when one comes."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record, record_many
from doorstep.kernel.authority.models import Account, Token
from doorstep.kernel.authority.policies import ISSUE
from doorstep.kernel.authority.scopes import all_scopes
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation

BEGINNING = "dk_"  # tells people and scanners of leaked secrets what it is
SHOWN = 9  # characters that tell keys apart in lists
MOST_DAYS = 366
MOST_KEYS = 10  # live ones of one owner
LONGEST_NAME = 60


@dataclass(frozen=True)
class Made:
    """A new key. `secret` is said once and kept nowhere."""

    token: Token
    secret: str


@dataclass(frozen=True)
class Bearer:
    """Who acts with a key, and how far. A partner's acts as nobody: it holds nothing but its scopes."""

    token: Token
    actor: Actor

    def may(self, scope: str) -> bool:
        return scope in self.token.scopes


@transaction.atomic
def make_token(
    *, actor: Actor, name: str, scopes: Collection[str], expires_on: dt.date, unit_id: int | None = None
) -> Made:
    """A key of the actor's own account; with `unit_id` a partner unit's, for whoever may issue those at its place.

    Raises RuleViolation naming the field, NotAllowed, or NotVisible for a unit outside the actor's places.
    """
    owner = _unit(actor, unit_id) if unit_id is not None else _own_account(actor)
    secret = BEGINNING + secrets.token_urlsafe(32)
    token = Token(
        name=_checked_name(name), prefix=secret[:SHOWN], digest=digest_of(secret), expires_on=_checked_day(expires_on),
        scopes=_checked_scopes(scopes, partners=unit_id is not None), created_at=clock.now(),
    )  # fmt: skip
    if isinstance(owner, Account):
        token.account, token.in_office = owner, actor.is_staff
        token.place_code = owner.person.place_code if owner.person is not None else ""
    else:
        token.unit, token.place_code = owner.unit, owner.place_code
    live = Token.objects.filter(
        account=token.account, unit=token.unit, revoked_at=None, expires_on__gte=clock.today()
    )
    if live.count() >= MOST_KEYS:
        raise RuleViolation(_("已有 %d 个可用的密钥。先停用不用的，再建立新的。") % MOST_KEYS)
    token.save()
    told = {"prefix": [None, token.prefix], "scopes": [None, token.scopes], "expires_on": [None, token.expires_on.isoformat()]}  # fmt: skip
    record(actor, Act("authority.make_token", token, token.place_code, told))
    return Made(token, secret)


def _own_account(actor: Actor) -> Account:
    if actor.account_id is None or actor.via:  # a key makes no keys
        raise NotAllowed(_("请登录后在“我的账号”里建立密钥。"))
    rows = Account.objects.select_for_update(of=("self",)).select_related("person")
    return rows.get(pk=actor.account_id)


def _unit(actor: Actor, unit_id: int) -> UnitVersion:
    rows = UnitVersion.objects.in_force().select_for_update(of=("self",)).select_related("unit")
    found: UnitVersion | None = rows.filter(unit_id=unit_id).first()
    if found is None:
        raise NotVisible(_("没有找到这个单位。"), field="unit")
    require_place(actor, ISSUE, found.place_code)
    return found


def _checked_name(name: str) -> str:
    clean = "".join(character for character in name if character.isprintable()).strip()
    if not clean:
        raise RuleViolation(_("请写明这个密钥给什么程序用。"), field="name")
    if len(clean) > LONGEST_NAME:
        raise RuleViolation(_("用途最多 %d 字。") % LONGEST_NAME, field="name")
    return clean


def _checked_scopes(scopes: Collection[str], *, partners: bool) -> list[str]:
    if not scopes:
        raise RuleViolation(_("请至少选一项权限。密钥只给程序需要的那几项。"), field="scopes")
    if not set(scopes) <= {scope.code for scope in all_scopes(partners=partners)}:
        raise RuleViolation(_("所选的权限不存在，或者不能给单位的密钥。"), field="scopes")
    return sorted(set(scopes))


def _checked_day(day: dt.date) -> dt.date:
    today = clock.today()
    if not today <= day <= today + dt.timedelta(MOST_DAYS):
        raise RuleViolation(
            _("有效期须在今天和 %s 之间：密钥最长用一年，到期换新的。")
            % (today + dt.timedelta(MOST_DAYS)).isoformat(),
            field="expires_on",
        )
    return day


@transaction.atomic
def revoke_token(*, actor: Actor, token_id: int) -> Token:
    """Nothing is done with it any more, from this moment on. Raises NotVisible or NotAllowed."""
    token = Token.objects.select_for_update().filter(pk=token_id).first()
    if token is None:
        raise NotVisible(_("没有找到这个密钥。"))
    policy_for(Token).require(actor, "revoke", token)
    if token.revoked_at is None:
        _revoke(actor, [token])
    return token


def revoke_all_of(actor: Actor, account: Account) -> None:
    """Part of stopping an account, or of giving it another password. The caller has locked the account."""
    _revoke(
        actor, list(Token.objects.select_for_update().filter(account=account, revoked_at=None).order_by("pk"))
    )


def _revoke(actor: Actor, tokens: list[Token]) -> None:
    now = clock.now()
    for token in tokens:
        token.revoked_at = now
    Token.objects.bulk_update(tokens, ["revoked_at"])
    told = {"revoked_at": [None, now.isoformat(timespec="seconds")]}
    record_many(actor, [Act("authority.revoke_token", token, token.place_code, told) for token in tokens])


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def bearer_of(secret: str) -> Bearer | None:
    """Who acts with this key today; None for one that is unknown, stopped, past its day, or whose owner may not come in.

    At most eight queries, one of them a write on the first use of a day.
    """
    today = clock.today()
    rows = Token.objects.select_related("account__person", "unit")
    token = rows.filter(digest=digest_of(secret), revoked_at=None, expires_on__gte=today).first()
    actor = _actor_with(token) if token is not None else None
    if token is None or actor is None:
        return None
    if token.last_used_on != today:
        Token.objects.filter(pk=token.pk).update(last_used_on=today)
    return Bearer(token, actor)


def _actor_with(token: Token) -> Actor | None:
    account = token.account
    if account is None:
        stands = UnitVersion.objects.in_force().filter(unit_id=token.unit_id).exists()
        return Actor(account_id=None, via=token.prefix) if stands else None
    if not account.is_active or (account.is_demo and not settings.DEMO):
        return None
    actor = replace(actor_for(account), via=token.prefix)
    if not token.in_office:
        return replace(actor, grants=())
    if actor.is_staff and not account.is_demo and not _has_second_factor(account):
        return None
    return actor


def _has_second_factor(account: Account) -> bool:
    return Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).exists()


__all__ = ["Bearer", "Made", "bearer_of", "digest_of", "make_token", "revoke_all_of", "revoke_token"]
