"""What the desk remembers for one account: filters of the inbox by name."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedFilter(models.Model):
    """A filter of the inbox under a name of one's own. `query`: the address's conditions in their one form."""

    account_id = models.BigIntegerField()
    name = models.CharField(_("名称"), max_length=30)
    query = models.TextField()
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("常用筛选")
        constraints = [models.UniqueConstraint(fields=["account_id", "name"], name="saved_filter_name_once")]

    def __str__(self) -> str:
        return self.name
