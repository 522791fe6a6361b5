"""Places as people write them, in a sheet or a filter: a code, or a name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _

from doorstep.kernel.places.models import Area, Grid
from doorstep.kernel.shared.numerals import is_digits
from doorstep.kernel.shared.place_codes import LENGTHS, LEVEL_NAMES, contains, is_code, level_of, within


@dataclass
class Places:
    """Places by code or name inside `own` subtrees; each looked up once."""

    own: list[str]
    _codes: dict[str, str | None] = field(default_factory=dict)
    _names: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    @classmethod
    def inside(cls, codes: Iterable[str]) -> Places:
        """Who answers for everything means the home district when naming a place."""
        own = list(codes)
        return cls([settings.HOME_PLACE] if own == [""] else own)

    def resolve(self, text: str, level: str) -> str:
        """The code of a place written as a code or as a name; of a finer place than `level`, the one it lies in.
        Raises ValueError in the user's words."""
        if is_digits(text):
            code = text
            if not self._exists(code):
                raise ValueError(_("没有代码为 {code} 的地方，或者不在您的范围内").format(code=code))
            if level and len(code) > LENGTHS[level]:
                return code[: LENGTHS[level]]
            if level and level_of(code) != level:
                raise ValueError(_("要填{level}的代码").format(level=LEVEL_NAMES[level]))
            return code
        found = self._named(text, level)
        if not found:
            raise ValueError(_("在您的范围内没有叫“{text}”的地方").format(text=text[:30]))
        if len(found) > 1:
            raise ValueError(
                _("叫“{text}”的地方不止一个，请填代码（如 {codes}）").format(
                    text=text[:30], codes=_("、").join(found[:3])
                )
            )
        return found[0]

    def picked(self, text: str) -> str:
        """What a place picker sends: a code, an exact name, or the name with its code. Raises ValueError as `resolve`."""
        last = text.split()[-1] if text.split() else ""
        return self.resolve(last if is_code(last) else text, "")

    def _exists(self, code: str) -> bool:
        if code not in self._codes:
            inside = is_code(code) and any(contains(place, code) for place in self.own)
            model = Grid if len(code) == LENGTHS["grid"] else Area
            self._codes[code] = code if inside and model._default_manager.filter(code=code).exists() else None
        return self._codes[code] is not None

    def _named(self, text: str, level: str) -> list[str]:
        key = (text, level)
        if key not in self._names:
            found: list[str] = []
            if level != "grid":
                areas = Area.objects.filter(within("code", self.own), name=text, ended_on__isnull=True)
                found = list(
                    (areas.filter(level=level) if level else areas)
                    .order_by("code")
                    .values_list("code", flat=True)[:4]
                )
            if level in ("", "grid"):
                grids = Grid.objects.in_force().filter(within("code", self.own), name=text)
                found += grids.order_by("code").values_list("code", flat=True)[:4]
            self._names[key] = found
        return self._names[key]
