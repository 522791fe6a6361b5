"""A form's field for an outline drawn on a map (web/components/outline.html), or written corner by corner."""

from __future__ import annotations

import math
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

Corner = tuple[float, float]
_BETWEEN = re.compile(r"[,，\s]+")


class OutlineField(forms.CharField):
    """Corners in their order as (longitude, latitude), WGS-84 degrees, a line for each; [] where nothing is drawn. What a line is
    not is said with its number; whether the corners make an outline that can be is the service's to say. `most`: corners read."""

    def __init__(self, *, most: int = 200, **options: Any) -> None:
        self.most = most
        widget = forms.Textarea(attrs={"rows": 5, "class": "form-control", "spellcheck": "false"})
        super().__init__(required=False, max_length=60 * most, widget=widget, **options)

    def clean(self, value: Any) -> list[Corner]:
        """Raises ValidationError."""
        lines = [line for line in str(super().clean(value)).splitlines() if line.strip()]
        if len(lines) > self.most:
            raise ValidationError(
                _("有 %(n)d 个点，最多 %(most)d 个。请少点几个拐角。") % {"n": len(lines), "most": self.most}
            )
        return [_corner(number, line) for number, line in enumerate(lines, start=1)]


def _corner(number: int, line: str) -> Corner:
    try:
        longitude, latitude = (float(part) for part in _BETWEEN.split(line.strip()))
    except ValueError:
        longitude = math.nan
        latitude = math.nan
    if not (math.isfinite(longitude) and math.isfinite(latitude)):
        raise ValidationError(
            _("第 %(number)d 行应写成“经度, 纬度”，比如：121.640000, 38.920000。") % {"number": number}
        )
    return longitude, latitude
