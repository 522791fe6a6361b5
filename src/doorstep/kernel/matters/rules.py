"""Words of a matter: their bounds, and how they are found."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.shared.errors import RuleViolation

TEXT_NAMES = {
    "title": gettext_lazy("事由"), "text": gettext_lazy("情况"), "address": gettext_lazy("地址"),
    "note": gettext_lazy("给报告人的说明"), "internal": gettext_lazy("内部说明"), "remark": gettext_lazy("留言"),
    "reason": gettext_lazy("理由"), "reply": gettext_lazy("回复"), "closing": gettext_lazy("结束说明"),
}  # fmt: skip
_SKIPPED = re.compile(r"[\W_]+")
# control characters, marks that turn the direction of writing, halves of characters
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def checked_text(text: str, field: str, longest: int, required: bool = False) -> str:
    """The text without control characters (they hide or turn words) and half characters (no file can hold them). Raises RuleViolation naming the field."""
    clean = _CONTROL.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n"))).strip()
    name = TEXT_NAMES.get(field, field)
    if required and not clean:
        raise RuleViolation(_("请填写%(field)s。") % {"field": name}, field=field)
    if len(clean) > longest:
        raise RuleViolation(
            _("%(field)s最多 %(longest)d 字，现在是 %(number)d 字。请删短一些，内容都还在。")
            % {"field": name, "longest": longest, "number": len(clean)},
            field=field,
        )
    return clean


def sought_of(*texts: str) -> str:
    """What the search looks in: letters and digits alone, in one case and one width."""
    return _SKIPPED.sub("", unicodedata.normalize("NFKC", "".join(texts)).casefold())


def bigrams_of(sought: str) -> list[str]:
    """Each pair of neighbouring characters once: words of two characters, which trigrams do not find."""
    return sorted({sought[place : place + 2] for place in range(len(sought) - 1)})
