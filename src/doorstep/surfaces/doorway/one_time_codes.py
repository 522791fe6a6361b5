"""One-time codes: six digits by SMS, kept as a keyed hash for five minutes, in the shared cache of all processes.

A code belongs to the browser that asked for it. Limits are counted per number and per address, in words a person
understands; whether a number is known to the platform is never told.
"""

from __future__ import annotations

import logging
import secrets
import uuid

from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from doorstep.kernel.matters.models import MessageChoice
from doorstep.kernel.matters.providers import FileProvider, Message, provider_for
from doorstep.kernel.people import values
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.numerals import is_digits
from doorstep.surfaces.doorway.pace import counted

logger = logging.getLogger(__name__)
DIGITS = 6
MINUTES = 5
TRIES = 5
PAUSE_SECONDS = 60  # between two codes to one number
CODES_PER_HOUR = 5  # to one number
CODES_PER_ADDRESS = 30  # an hour: a household, an office, a school behind one router


def send_code(phone: str, address: str) -> tuple[str, str]:
    """Send a code. Gives the number as it is stored and the browser's ticket for trying the code.

    Raises RuleViolation in words for no mobile number, too many codes, or a message that could not be handed over.
    """
    number = values.checked_phone(phone)
    if not (is_digits(number) and len(number) == 11 and number.startswith("1")):
        raise RuleViolation(_("请填写11位手机号码，验证码用短信发送。"), field="phone")
    _limit(number, address)
    ticket, code = secrets.token_urlsafe(24), f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    cache.set(f"code:{ticket}", _hash(ticket, number, code), timeout=MINUTES * 60)
    cache.set(f"code:tries:{ticket}", 0, timeout=MINUTES * 60)
    text = _("家门口验证码 %(code)s，%(minutes)d 分钟内有效。不要告诉任何人。") % {
        "code": code,
        "minutes": MINUTES,
    }
    try:
        provider_for(MessageChoice.SMS).send(Message(uuid.uuid4(), number, "", text))
    except Exception as error:
        cache.delete(f"code:{ticket}")
        logger.warning("the SMS provider did not take a message: %s", type(error).__name__)
        raise RuleViolation(_("短信没有发出去，请过一会儿再试。")) from error
    return number, ticket


def _limit(number: str, address: str) -> None:
    if not cache.add(f"code:pause:{_hash('pause', number, '')}", 1, timeout=PAUSE_SECONDS):
        raise RuleViolation(_("刚刚发过一条，请过一分钟再要。"), field="phone")
    if counted("code:number", number, 3600) > CODES_PER_HOUR:
        raise RuleViolation(_("这个号码一小时内要得太多了，请过一小时再试。"), field="phone")
    if counted("code:address", address, 3600) > CODES_PER_ADDRESS:
        raise RuleViolation(_("这个网络一小时内要得太多了，请过一小时再试。"), field="phone")


def use_code(ticket: str, number: str, code: str) -> None:
    """The code is right, and used up by that. Raises RuleViolation in words."""
    try:
        tries = cache.incr(f"code:tries:{ticket}")
    except ValueError:
        raise RuleViolation(_("验证码已过期，请重新获取。"), field="code") from None
    if tries > TRIES:
        cache.delete(f"code:{ticket}")
        raise RuleViolation(_("试得太多了，这个验证码已作废，请重新获取。"), field="code")
    kept = cache.get(f"code:{ticket}") or ""
    narrow = "".join(character for character in code if is_digits(character))
    if not constant_time_compare(kept, _hash(ticket, number, narrow)):
        raise RuleViolation(
            _("验证码不对，还可以试 %(n)d 次。") % {"n": TRIES - tries}
            if tries < TRIES
            else _("验证码不对，请重新获取。"),
            field="code",
        )
    if not cache.delete(f"code:{ticket}"):  # of two that come at once one has used it
        raise RuleViolation(_("验证码已用过，请重新获取。"), field="code")


def _hash(ticket: str, number: str, code: str) -> str:
    return salted_hmac("doorway.code", f"{ticket} {number} {code}", algorithm="sha256").hexdigest()


def where_codes_are() -> str:
    """In a demonstration without an SMS gateway: the file that messages are written to. Empty anywhere else."""
    to_file = f"{FileProvider.__module__}.{FileProvider.__qualname__}" == settings.SMS_PROVIDER
    return str(settings.SMS_FILE) if settings.DEMO and to_file else ""
