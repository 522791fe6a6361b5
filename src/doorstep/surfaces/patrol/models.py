"""What phones have sent: one row for each action, written in the transaction that did it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.models import Matter


class SentAction(models.Model):
    """An action that was done, under the key its phone gave it: sent again, it is answered and not done again.

    Codes and numbers only. `version`: of the matter after it, which the phone's next action on it stands on.
    """

    key = models.UUIDField(primary_key=True)
    account_id = models.BigIntegerField()
    at = models.DateTimeField(_("时间"))
    name = models.CharField(_("步骤"), max_length=30)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("手机发来的操作")
        indexes = [models.Index(fields=["at"], name="sent_action_at")]

    def __str__(self) -> str:
        return f"{self.name} {self.key}"
