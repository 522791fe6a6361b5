"""Short texts that only this module takes, checked with their own names in the refusal."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.matters.rules import checked_text
from doorstep.kernel.shared.errors import RuleViolation

NAMES = {
    "words": gettext_lazy("说明"), "hotline_number": gettext_lazy("热线工单号"), "for_whom": gettext_lazy("代谁上报"),
    "reason": gettext_lazy("理由"), "plan": gettext_lazy("处置方案"),
}  # fmt: skip
LONGEST = {"words": 500, "hotline_number": 40, "for_whom": 60, "reason": 500, "plan": 2000}


def short_text(text: str, field: str, *, required: bool = False) -> str:
    """The text without control characters. Raises RuleViolation naming the field."""
    clean = checked_text(text, field, 1_000_000)
    if required and not clean:
        raise RuleViolation(_("请填写%(field)s。") % {"field": NAMES[field]}, field=field)
    if len(clean) > LONGEST[field]:
        raise RuleViolation(
            _("%(field)s最多 %(longest)d 字，现在是 %(number)d 字。请删短一些，内容都还在。")
            % {"field": NAMES[field], "longest": LONGEST[field], "number": len(clean)},
            field=field,
        )
    return clean
