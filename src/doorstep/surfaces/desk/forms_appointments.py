"""What is asked for an appointment and for its end, extension, substitute or other places."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.organisations.kinds import POSTS
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused
from doorstep.kernel.shared.place_codes import is_code
from doorstep.kernel.web.frame.naming import full_names_of
from doorstep.kernel.web.frame.typed_places import Places

Choices = Sequence[tuple[str, str]]
_SEPARATORS = re.compile(r"[、,，;；\n]+")


def day(label: Any, help_text: Any = "", required: bool = True, initial: Any = None) -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, required=required, initial=initial or (clock.today if required else None),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip


class ActForm(forms.Form):
    """A form that a service's refusal can be written into, at the field the service names."""

    document = forms.CharField(label=_("任命文号"), max_length=80, required=False)

    def refuse(self, refusal: Refused) -> None:
        field = {"on": "valid_to", "effective_on": "valid_from"}.get(refusal.field, refusal.field)
        text = str(refusal.message)
        if refusal.page:
            text = format_html('{} <a href="{}">{}</a>', text, refusal.page, _("去办理"))
        self.add_error(field if field in self.fields else None, text)


class PersonForm(ActForm):
    """Who, chosen among the people found."""

    def __init__(self, persons: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = [("", _("请先查找"))] if not persons else []
        self.fields["person"] = forms.ChoiceField(label=_("人员"), choices=[*first, *persons])


class AppointForm(PersonForm):
    field_order = ("person", "post", "valid_from", "valid_to", "places", "full_time", "has_vote", "document")

    def __init__(
        self, posts: Sequence[str], persons: Choices, places: Places, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(persons, *args, **kwargs)
        self.fields["post"] = forms.ChoiceField(
            label=_("职务"), choices=[(post, POSTS[post].name) for post in posts]
        )
        self.fields["valid_from"] = day(_("起"))
        self.fields["valid_to"] = day(_("离任日"), _("不再任职的第一天；空为长期。"), required=False)
        if any(POSTS[post].carries_places for post in posts):
            carrying = _("、").join(str(POSTS[post].name) for post in posts if POSTS[post].carries_places)
            self.fields["places"] = PlacesField(places, note=_("只有{posts}填写。").format(posts=carrying))
        self.fields["full_time"] = forms.BooleanField(label=_("专职"), required=False, initial=True)
        self.fields["has_vote"] = forms.BooleanField(label=_("有表决权"), required=False, initial=True)
        self.order_fields(self.field_order)

    @property
    def place_codes(self) -> list[str]:
        return list(self.cleaned_data.get("places", ()))


class SubstituteForm(PersonForm):
    field_order = ("person", "valid_from", "valid_to", "document")

    def __init__(self, persons: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(persons, *args, **kwargs)
        self.fields["valid_from"] = day(_("起"))
        month = clock.today() + dt.timedelta(days=30)
        self.fields["valid_to"] = day(_("代理到"), _("不再代理的第一天。"), initial=month)
        self.order_fields(self.field_order)


class EndForm(ActForm):
    field_order = ("valid_to", "reason", "document")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_to"] = day(_("离任日"), _("不再任职的第一天。"))
        self.fields["reason"] = forms.CharField(label=_("原因"), max_length=120, required=False)
        self.order_fields(self.field_order)


class ExtendForm(ActForm):
    field_order = ("valid_to", "document")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_to"] = day(_("新的离任日"), _("空为长期；代理必须写明。"), required=False)
        self.order_fields(self.field_order)


class PlacesForm(ActForm):
    field_order = ("places", "valid_from", "document")

    def __init__(self, places: Places, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["places"] = PlacesField(places, required=True)
        self.fields["valid_from"] = day(_("生效日期"))
        self.order_fields(self.field_order)

    @property
    def place_codes(self) -> list[str]:
        return list(self.cleaned_data["places"])


class WithdrawForm(ActForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["document"]
        self.fields["reason"] = forms.CharField(label=_("原因"), max_length=120, required=False)


class PlacesWidget(forms.Widget):
    """A place picker for each place, and some empty ones."""

    SPARE = 3

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [text.strip() for text in data.getlist(name) if text.strip()]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        texts: list[str] = list(value or ())
        names = full_names_of({text for text in texts if is_code(text)})
        ids = [f"id_{name}", *(f"id_{name}_{number}" for number in range(2, len(texts) + self.SPARE + 1))]
        boxes = zip(ids, [*texts, *[""] * self.SPARE], strict=True)
        context = {"name": name, "boxes": [(box, text, names.get(text, "")) for box, text in boxes]}
        return render_to_string("desk/_places.html", context)


class PlacesField(forms.Field):
    """Several places, each picked, or typed as a code or an exact name. Cleaned: their codes, each once; whether they
    exist and fit is for the service to say."""

    widget = PlacesWidget

    def __init__(self, places: Places, note: str = "", required: bool = False) -> None:
        told = _("网格、社区等，输入名称、拼音或代码来选；多处的一格一处。")
        super().__init__(label=_("负责范围"), required=required, help_text=f"{note}{told}")
        self.places = places

    def to_python(self, value: Any) -> list[str]:
        typed = [part.strip() for text in value or () for part in _SEPARATORS.split(text) if part.strip()]
        try:
            return list(dict.fromkeys(self._code(text) for text in typed))
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from None

    def _code(self, text: str) -> str:
        last = text.split()[-1]
        return last if is_code(last) else self.places.picked(text)
