"""Keys with which programs act: for an account, or for a partner unit that has none. What was handed out is not kept."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.places.models import code_field
from doorstep.kernel.shared import clock


class Token(models.Model):
    """One key. `digest`: SHA-256 of it; the key itself is 256 random bits, so no slower hash is needed.

    in_office: made by somebody in office who had shown the second factor; another never opens what staff may do, also
    when its owner takes office later. last_used_on: the day alone, so that nobody's habits can be read from it.
    """

    name = models.CharField(_("用途"), max_length=60)
    prefix = models.CharField(_("开头"), max_length=12)
    digest = models.CharField(max_length=64, unique=True, db_collation="C")
    account = models.ForeignKey(
        "authority.Account", on_delete=models.PROTECT, null=True, related_name="tokens"
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    place_code = code_field(15, _("地方"))
    in_office = models.BooleanField(default=False)
    scopes = ArrayField(models.CharField(max_length=30), verbose_name=_("权限范围"))
    created_at = models.DateTimeField(_("建立时间"), default=clock.now)
    expires_on = models.DateField(_("有效期至"))
    last_used_on = models.DateField(_("最近使用"), null=True)
    revoked_at = models.DateTimeField(_("停用时间"), null=True)

    class Meta:
        verbose_name = _("接口密钥")
        constraints = [
            models.CheckConstraint(
                condition=Q(account__isnull=True, unit__isnull=False, in_office=False)
                | Q(account__isnull=False, unit__isnull=True),
                name="token_of_one",
            ),
            models.CheckConstraint(condition=~Q(scopes=[]), name="token_scopes"),
        ]
        indexes = [models.Index(fields=["place_code", "id"], name="token_place")]

    def __str__(self) -> str:
        return f"{self.name}（{self.prefix}…）"

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and self.expires_on >= clock.today()

    @property
    def state_name(self) -> object:
        if self.revoked_at is not None:
            return _("已停用")
        return _("可用") if self.is_live else _("已过期")
