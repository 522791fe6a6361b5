"""What a step of a matter asks, on desk and phone: exactly the inputs its row of the law names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.laws import Transition
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.notes import EXTENSION_ASKED
from doorstep.kernel.matters.selectors_offices import people_to_give, units_to_ask
from doorstep.kernel.matters.steps import INPUT_NAMES, Inputs
from doorstep.kernel.shared.errors import Refused

LONGEST = 2000


class StepForm(forms.Form):
    """One step. `units` and `people`: (number, name) pairs to choose from."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, row: Transition, data: Any = None, *, version: int, units: Sequence[tuple[int, str]] = (),
        people: Sequence[tuple[int, str]] = (),
    ) -> None:  # fmt: skip
        super().__init__(data, prefix=row.name, initial={"version": version})
        choices = {"unit_id": units, "person_id": people}
        for name in (*row.requires, *row.takes):
            required = name in row.requires
            if name in choices:
                self.fields[name] = forms.TypedChoiceField(
                    label=INPUT_NAMES[name], choices=[("", _("请选择")), *choices[name]], coerce=int,
                    empty_value=None, required=required,
                )  # fmt: skip
            elif name in ("note", "internal"):
                self.fields[name] = forms.CharField(
                    label=INPUT_NAMES[name], required=required, max_length=LONGEST,
                    widget=forms.Textarea(attrs={"rows": 3}),
                )  # fmt: skip
            elif name == "until":
                self.fields[name] = forms.DateField(
                    label=INPUT_NAMES[name], required=required, widget=forms.DateInput(attrs={"type": "date"})
                )

    def inputs(self) -> Inputs:
        """What was given. Call after is_valid()."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return Inputs(**{name: value for name, value in given.items() if value not in (None, "")})

    def refuse(self, refusal: Refused) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal.message))


def extension_form(matter: Matter, data: Any = None) -> StepForm:
    """What is asked of who asks for more time: until when, and why, for whoever grants it."""
    form = StepForm(EXTENSION_ASKED, data, version=matter.version)
    form.fields["until"].label, form.fields["internal"].label = _("延到哪一天"), _("理由（报告人看不到）")
    return form


def form_for(matter: Matter, row: Transition, data: Any = None) -> StepForm:
    """The form of a step of this matter, with those it can be given to. A query for each choice the step asks."""
    asked = {*row.requires, *row.takes}
    units = [(unit.unit_id, unit.name) for unit in units_to_ask(matter)] if "unit_id" in asked else []
    people = people_to_give(matter) if "person_id" in asked else []
    return StepForm(row, data, units=units, people=people, version=matter.version)
