"""Numbers that run through a whole plan: people, telephone numbers, documents; and units by their keys."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from .names import DEMO, document, mobile, office_phone, person_name
from .plan import PersonPlan, Plan, UnitPlan


class Register:
    """Hands out names and numbers in turn, so that the same plan always has the same people."""

    def __init__(self, plan: Plan, family: str = DEMO, first_number: int = 0) -> None:
        self.plan, self.family, self.first = plan, family, first_number
        self.units: dict[str, UnitPlan] = {}
        self._documents: dict[tuple[str, int], int] = {}
        self._phones: dict[str, str] = {}

    def person(self, place_code: str, shows_name_since: dt.date | None = None) -> str:
        """Add a person served or serving at a place; gives the key."""
        number = self.first + len(self.plan.people)
        key = f"person {number}"
        name = person_name(number - self.first, self.family)
        self.plan.people.append(PersonPlan(key, name, place_code, mobile(number), shows_name_since))
        return key

    def unit(self, unit: UnitPlan) -> str:
        self.units[unit.key] = unit
        self.plan.units.append(unit)
        return unit.key

    def rename(self, key: str, name: str) -> None:
        """Call a unit of the plan otherwise, also where it approved others."""
        before = self.units[key].name
        for index, unit in enumerate(self.plan.units):
            if unit.key == key:
                unit = replace(unit, name=name)
            elif unit.superior == key and unit.approved_by == before:
                unit = replace(unit, approved_by=name)
            self.plan.units[index] = self.units[unit.key] = unit

    def document(self, issuer: str, day: dt.date) -> str:
        """The next document number of an issuer in the year of `day`."""
        at = issuer, day.year
        self._documents[at] = self._documents.get(at, 0) + 1
        return document(issuer, day, self._documents[at], self.family)

    def phone_of(self, place_code: str) -> str:
        """The office number of a place; the same whenever it is asked for."""
        return self._phones.setdefault(place_code, office_phone(self.first + len(self._phones) + 1))
