"""Everything the platform keeps about a person, for that person (PIPL articles 45 and 48).

Other packages declare sections of their own: posts held, an account, designations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.audit.reading import lines
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.people import values
from doorstep.kernel.people.models import Consent, Person
from doorstep.kernel.people.purposes import consent_purposes, reveal_purposes
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible

Text = str | Promise


@dataclass(frozen=True)
class Section:
    """One kind of data: its name, column names by key, and one row per record (plain values by key)."""

    key: str
    name: Text
    columns: dict[str, Text]
    rows: Callable[[Person], Iterable[dict[str, Any]]]


@dataclass(frozen=True)
class Shown:
    """A section with its rows."""

    section: Section
    rows: list[dict[str, Any]]


_sections: dict[str, Section] = {}


def declare(*sections: Section) -> None:
    for section in sections:
        if section.key in _sections:
            raise RuntimeError(f"section {section.key} of own data is declared twice")
        _sections[section.key] = section


@transaction.atomic
def own_data(*, actor: Actor) -> list[Shown]:
    """All of it, in clear. That one looked is itself recorded. Raises NotVisible for an account without a person."""
    person = (
        Person.objects.select_related("key").filter(pk=actor.person_id or 0, erased_at__isnull=True).first()
    )
    if person is None:
        raise NotVisible(_("这个账号没有对应的人员信息。"))
    shown = [Shown(section, list(section.rows(person))) for section in _sections.values()]
    record(actor, Act("people.access", person, person.place_code, purpose="own", person_ref=person.pk))
    return shown


def as_json(shown: list[Shown]) -> dict[str, Any]:
    """Machine-readable copy (PIPL article 45, third paragraph)."""
    return {"made_at": clock.now().isoformat()} | {part.section.key: part.rows for part in shown}


def _person(person: Person) -> Iterable[dict[str, Any]]:
    key = values.key_of(person)
    yield {
        "name": person.name,
        "phone": values.taken(person, key, "phone"),
        "identity": values.taken(person, key, "identity"),
        "place_code": person.place_code,
        "created_at": _when(person.created_at),
    }


def _consents(person: Person) -> Iterable[dict[str, Any]]:
    names = consent_purposes()
    for consent in Consent.objects.filter(person=person).order_by("valid_from", "pk"):
        yield {
            "purpose": str(names[consent.purpose].name) if consent.purpose in names else consent.purpose,
            "given_by": consent.given_by,
            "valid_from": consent.valid_from.isoformat(),
            "valid_to": consent.valid_to.isoformat() if consent.valid_to else "",
        }


def _looked_at(person: Person) -> Iterable[dict[str, Any]]:
    names = reveal_purposes()
    rows = Entry.objects.filter(person_ref=person.pk, action__in=["people.reveal", "people.access"])
    for line in lines(rows.order_by("-id")[:1000]):
        entry = line.entry
        field = values.FIELDS.get(values.field_told(entry.changes))
        yield {
            "at": _when(entry.at),
            "who": line.who or str(_("本人")),
            "what": str(field) if field else str(_("全部信息")),
            "purpose": str(names[entry.purpose].name) if entry.purpose in names else str(_("本人查阅")),
        }


def _when(moment: Any) -> str:
    return moment.astimezone(clock.DISTRICT_ZONE).strftime("%Y-%m-%d %H:%M")


declare(
    Section(
        "person", _("基本信息"),
        {"name": _("姓名"), "phone": _("电话"), "identity": _("身份证号"), "place_code": _("地方代码"),
         "created_at": _("登记时间")}, _person,
    ),
    Section(
        "consents", _("我的同意"),
        {"purpose": _("用途"), "given_by": _("同意方式"), "valid_from": _("起"), "valid_to": _("止")}, _consents,
    ),
    Section(
        "looked_at", _("谁看过我的完整信息"),
        {"at": _("时间"), "who": _("谁"), "what": _("看了什么"), "purpose": _("用途")}, _looked_at,
    ),
)  # fmt: skip
