"""A line to write in that suggests names as one writes: where a list is too long to scroll through on a phone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


class SuggestedNames(forms.TextInput):
    """`names`: what the browser suggests; anything else may be written, too."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            {"class": "form-control"}
        )  # no `autocomplete`: off, some browsers suggest nothing at all
        self.names = names

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        listed = f"{name}-suggested"
        line = super().render(name, value, (attrs or {}) | {"list": listed}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((one,) for one in self.names))
        return format_html('{}<datalist id="{}">{}</datalist>', line, listed, options)


class SuggestedChoice(forms.CharField):
    """One of `choices` (number and name), written with suggestions; gives the number as text, "" where nothing is written. Where
    several have one name, the number stands beside it."""

    def __init__(self, choices: Sequence[tuple[Any, Any]], **more: Any) -> None:
        often = Counter(str(name) for _number, name in choices)
        names = {
            str(name) if often[str(name)] == 1 else f"{name}（{number}）": str(number)
            for number, name in choices
        }
        super().__init__(widget=SuggestedNames(list(names)), **more)
        self._numbers = names

    def clean(self, value: Any) -> str:
        """Raises ValidationError for a name that is none of them."""
        name = str(super().clean(value))
        if name and name not in self._numbers:
            raise ValidationError(_("没有叫“%(name)s”的，请从提示里选。") % {"name": name[:40]})
        return self._numbers.get(name, "")
