"""Personal values on their way into the database: checked, sealed under the person's own key, indexed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.people import rules
from doorstep.kernel.people.ciphers import DataKey, blind_index, unwrap
from doorstep.kernel.people.models import Person, PersonKey
from doorstep.kernel.people.rules import Fault
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation

FIELDS = {"phone": _("电话"), "identity": _("身份证号")}
COLUMNS = {"name": "name", "phone": "phone_sealed", "identity": "identity_sealed"}
HIDDEN = "***"
_GB11643 = _("GB 11643 公民身份号码")

_IDENTITY_WORDS = {
    Fault.LENGTH: _("身份证号应为18位。"),
    Fault.CHARACTERS: _("身份证号前17位应为数字，最后一位为数字或X。"),
    Fault.REGION: _("身份证号前6位不是行政区划代码。"),
    Fault.BIRTH_DATE: _("身份证号中的出生日期不存在或不合理。"),
    Fault.CHECK_DIGIT: _("身份证号校验位不对，请核对是否抄错。"),
}
_PHONE_WORDS = {
    Fault.CHARACTERS: _("电话只能是数字。"),
    Fault.LENGTH: _("手机号应为11位；固定电话请加区号。"),
    Fault.UNKNOWN_NUMBER: _("这不是手机号，也不是带区号的固定电话。"),
}
_NAME_WORDS = {
    Fault.EMPTY: _("请填写姓名。"),
    Fault.LENGTH: _("姓名不能超过120个字。"),
    Fault.CHARACTERS: _("姓名中有看不见的字符，请重新输入。"),
}


def checked_name(text: str) -> str:
    """The name as stored. Raises RuleViolation."""
    name = rules.normal_name(text)
    if fault := rules.name_fault(name):
        raise RuleViolation(_NAME_WORDS[fault], field="name")
    return name


def checked_phone(text: str) -> str:
    """The number as stored, empty for none. Raises RuleViolation."""
    number = rules.normal_phone(text)
    if number and (fault := rules.phone_fault(number)):
        raise RuleViolation(_PHONE_WORDS[fault], field="phone")
    return number


def checked_identity(text: str) -> str:
    """The identity number as stored, empty for none. Raises RuleViolation citing GB 11643."""
    number = rules.normal_identity(text)
    if number and (fault := rules.identity_fault(number, clock.today())):
        raise RuleViolation(_IDENTITY_WORDS[fault], field="identity", clause=_GB11643)
    return number


CHECKS = {"phone": checked_phone, "identity": checked_identity}


def put(person: Person, key: DataKey, field: str, value: str) -> None:
    """Set the sealed value and the blind index of `field` on the (unsaved) row; an empty value clears both."""
    setattr(person, f"{field}_sealed", key.seal(field, value) if value else None)
    setattr(person, f"{field}_index", blind_index(field, value))


def taken(person: Person, key: DataKey, field: str) -> str:
    """The value of `field` in clear; empty for none."""
    sealed = getattr(person, f"{field}_sealed")
    return key.open(field, sealed) if sealed else ""


def key_of(person: Person) -> DataKey:
    """The person's own key. Raises RuleViolation after an erasure."""
    if person.erased_at is not None:
        raise RuleViolation(_("此人的信息已经删除。"))
    return unwrap(person.pk, person.key.wrapped)


def told(fields: Iterable[str]) -> dict[str, str]:
    """Which values an act touched, as its entry's changes say it in clear: the values themselves are sealed."""
    return {COLUMNS[field]: HIDDEN for field in fields}


def field_told(changes: dict[str, Any]) -> str:
    """The field that `told` named; empty for none."""
    return next((field for field, column in COLUMNS.items() if column in changes), "")


def keys_of(person_ids: Collection[int]) -> dict[int, DataKey]:
    """The keys of those who still have one: one query for any number."""
    rows = PersonKey.objects.filter(person_id__in=person_ids).values_list("person_id", "wrapped")
    return {number: unwrap(number, wrapped) for number, wrapped in rows}
