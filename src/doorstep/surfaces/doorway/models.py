"""Signing in by a code sent to a phone: which account a number has proved to be that of."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.authority.models import Account


class PhoneSignIn(models.Model):
    """An account whose holder has shown, by a code, to have the phone.

    `phone_sealed`: that number under the person's own key. Only while it is still the person's number does it let
    anybody in: a number merely typed into one's data proves nothing. `last_at`: the last time it did.
    """

    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="phone_sign_in")
    phone_sealed = models.BinaryField(editable=False)
    since = models.DateTimeField(_("启用时间"))
    last_at = models.DateTimeField(_("上次登录"))

    class Meta:
        verbose_name = _("手机号登录")

    def __str__(self) -> str:
        return str(self.account)
