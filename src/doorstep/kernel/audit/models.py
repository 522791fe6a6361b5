"""The append-only record of every change. The application role may insert and read, nothing else.

The second migration takes the other rights away and refuses changes by trigger, whoever asks.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Func
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.shared.rows import QuickRow


class CurrentTransaction(Func):
    """The running transaction's number: the sealer takes only rows below the oldest one still running."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = models.BigIntegerField()


class Entry(QuickRow):
    """One act: who, what, when, on which record, from which scope.

    `account_id` is a plain value, so an account can go while its acts stay; the name is looked up when it is read, and
    the platform's own acts carry their `system_reason`. Personal values, and what was written about or by a person, are
    in `sealed`, encrypted under the key of the person `key_ref` (the one told of, else the one who wrote): an erasure
    destroys the key and the chain still verifies. `purpose` is a declared code, never free text.
    `mac` is made with a key the database does not know, so a row that the platform did not write is recognised.
    """

    at = models.DateTimeField(_("时间"))
    transaction = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)
    account_id = models.BigIntegerField(null=True)
    system_reason = models.CharField(_("系统操作"), max_length=120, blank=True)
    scope = models.TextField(_("当时的权限范围"), blank=True)
    action = models.CharField(_("操作"), max_length=60)
    target = models.CharField(_("对象类型"), max_length=60)
    target_id = models.CharField(_("对象编号"), max_length=40)
    place_code = models.CharField(_("地方"), max_length=15, db_collation="C")
    changes = models.JSONField(_("变化"), default=dict)
    purpose = models.CharField(_("用途"), max_length=40, blank=True)
    person_ref = models.BigIntegerField(null=True)
    key_ref = models.BigIntegerField(null=True)
    sealed = models.BinaryField(null=True)
    mac = models.BinaryField()

    class Meta:
        verbose_name = _("审计记录")
        indexes = [
            models.Index(fields=["transaction", "id"], name="audit_transaction"),
            models.Index(fields=["target", "target_id", "-id"], name="audit_target"),
            models.Index(fields=["place_code", "-id"], name="audit_place"),
            models.Index(fields=["account_id", "-id"], name="audit_account"),
            models.Index(fields=["person_ref", "-id"], name="audit_person"),
        ]


class Seal(models.Model):
    """Place of one entry in the hash chain, added by the sealer after the entry's transaction committed."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="seal")
    digest = models.BinaryField()
    sealed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("封存")


class Checkpoint(models.Model):
    """Head of the chain after one run of the sealer, signed with a key the database does not know.

    Every entry whose transaction is below `horizon` is sealed at or before `position`. The same line is published
    to a file outside the database, so a chain that was cut or forged as a whole is noticed there.
    """

    position = models.BigIntegerField(_("位置"), unique=True)
    digest = models.BinaryField(_("链头摘要"))
    horizon = models.BigIntegerField()
    made_at = models.DateTimeField(_("封存时间"))
    signature = models.BinaryField()

    class Meta:
        verbose_name = _("封存检查点")
