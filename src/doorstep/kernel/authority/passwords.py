"""What a password must be, beside long enough, uncommon and unlike its account (GB/T 22239 8.1.4.1)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

KINDS = (str.islower, str.isupper, str.isdigit, lambda char: not char.isalnum())
NEEDED = 3


class ThreeKindsOfCharacters:
    """Three of: small letters, capitals, digits, signs."""

    def validate(self, password: str, user: object = None) -> None:
        if sum(any(map(is_kind, password)) for is_kind in KINDS) < NEEDED:
            raise ValidationError(self.get_help_text(), code="too_simple")

    def get_help_text(self) -> str:
        return _("密码要含有小写字母、大写字母、数字、符号中的至少三种。")
