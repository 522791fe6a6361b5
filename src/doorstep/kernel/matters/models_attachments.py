"""Files that belong to a matter. What is stored is never what came: pictures are made anew, names are our own."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person


class Attachment(models.Model):
    """One file. `name`: what people call it; `file`: its name on disk; `kind`: its media type, read from its content.

    `removed_at`: the file is gone and the name blanked, when personal data reached the end of its term.
    """

    matter = models.ForeignKey("matters.Matter", on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(_("文件名"), max_length=120, blank=True)
    file = models.CharField(max_length=40, unique=True, editable=False)
    kind = models.CharField(_("类型"), max_length=80)
    size = models.PositiveIntegerField(_("字节"))
    digest = models.CharField(max_length=64, editable=False)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    internal = models.BooleanField(_("仅工作人员可见"), default=False)
    account_id = models.BigIntegerField(null=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(_("时间"))
    removed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("附件")
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "digest", "internal"],
                condition=Q(removed_at__isnull=True),
                name="attachment_once",
            )
        ]
