"""Who does what by when, row by row, as a field of a form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

ROWS = 5  # to fill in at once; more are added on the project's page
PARTS = ("unit", "what", "due")
Row = tuple[str, str, str]


class DutyRows(forms.Widget):
    """ROWS rows of a unit to choose, what it does, a day. `groups`: units under a heading, in the order they are shown."""

    def __init__(self, groups: Sequence[tuple[Any, Sequence[tuple[Any, Any]]]]) -> None:
        super().__init__()
        self.groups = groups

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        rows: list[Row] = [*(value or ())]
        rows += [("", "", "")] * (ROWS - len(rows))
        given = attrs or {}
        told = flatatt({key: given[key] for key in ("id", "aria-describedby") if key in given})
        context = {
            "name": name, "rows": rows, "groups": self.groups, "attrs": told, "invalid": given.get("aria-invalid"),
        }  # fmt: skip
        return render_to_string("partnership/duty_rows.html", context)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[Row]:
        read = [[str(data.get(f"{name}-{row}-{part}", "")).strip() for part in PARTS] for row in range(ROWS)]
        return [(unit, what, due) for unit, what, due in read]

    def id_for_label(self, id_: str) -> str:
        return f"{id_}-0-unit"


class DutiesField(forms.Field):
    """Gives (unit, what, day) of each row that is filled in. What a row lacks is said with its number."""

    def __init__(
        self, *, label: Any, help_text: Any, groups: Sequence[tuple[Any, Sequence[tuple[Any, Any]]]]
    ) -> None:
        super().__init__(required=False, label=label, help_text=help_text, widget=DutyRows(groups))
        self._units = {str(unit) for _title, units in groups for unit, _name in units}

    def clean(self, value: Any) -> list[tuple[int, str, dt.date]]:
        """Raises ValidationError with a line for each row that is not whole."""
        found, faults = [], []
        for number, (unit, what, due) in enumerate(value, start=1):
            if not unit and not what and not due:
                continue
            if fault := self._fault(unit, what, due):
                faults.append(_("第 %(row)d 行：%(fault)s") % {"row": number, "fault": fault})
            else:
                found.append((int(unit), what, dt.date.fromisoformat(due)))
        if faults:
            raise ValidationError(faults)
        return found

    def _fault(self, unit: str, what: str, due: str) -> str:
        if unit not in self._units:
            return _("请选由谁来做。")
        if not 0 < len(what) <= 80:
            return _("请写做什么，不超过 80 个字。")
        try:
            dt.date.fromisoformat(due)
        except ValueError:
            return _("请填什么时候做完。")
        return ""
