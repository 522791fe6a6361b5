"""What a phone sends."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

WGS84, GCJ02 = "wgs-84", "gcj-02"


class PositionForm(forms.Form):
    """A position in degrees, in the system the phone's browser uses."""

    longitude = forms.FloatField(min_value=-180, max_value=180)
    latitude = forms.FloatField(min_value=-90, max_value=90)
    datum = forms.ChoiceField(choices=[(WGS84, "WGS-84"), (GCJ02, "GCJ-02")], label=_("坐标系"))
