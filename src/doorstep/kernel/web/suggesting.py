"""A line to write in that suggests names as one writes: where a list is too long to scroll through on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


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
