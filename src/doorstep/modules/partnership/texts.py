"""Words that somebody typed, as they are kept."""

from __future__ import annotations

from django.utils.translation import gettext as _

from doorstep.kernel.shared.errors import RuleViolation


def plain(text: str, field: str, name: str, longest: int, required: bool = True) -> str:
    """One line without spaces around it, at most so long. Raises RuleViolation at the field."""
    clean = " ".join(text.split())
    if required and not clean:
        raise RuleViolation(_("请填写%(field)s。") % {"field": name}, field=field)
    if len(clean) > longest or "\x00" in clean:
        raise RuleViolation(
            _("%(field)s最多 %(longest)d 字，请删短一些。") % {"field": name, "longest": longest}, field=field
        )
    return clean
