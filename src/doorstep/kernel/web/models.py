"""What pages remember: chosen columns, how an office's sheet maps, imports under way, exports made."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.places.models import code_field


class ColumnChoice(models.Model):
    """The columns one account wants to see in one register."""

    account_id = models.BigIntegerField()
    register = models.CharField(max_length=60)
    columns = models.JSONField(default=list)

    class Meta:
        verbose_name = _("栏目选择")
        constraints = [models.UniqueConstraint(fields=["account_id", "register"], name="column_choice_once")]


class Export(models.Model):
    """Rows that left the platform as a file, on paper or as text: who took which of what. Append-only in the audit as
    well."""

    account_id = models.BigIntegerField(null=True)
    register = models.CharField(_("台账"), max_length=60)
    form = models.CharField(_("格式"), max_length=10)
    place_code = code_field(15, _("地方"), blank=True)
    on = models.DateField(_("截至日期"))
    sentence = models.TextField(_("条件"))
    rows = models.PositiveIntegerField(_("行数"))
    made_at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("导出记录")


class ColumnMapping(models.Model):
    """How the headings of one office's own sheet map to an importer's columns; known again by its headings."""

    account_id = models.BigIntegerField()
    unit_id = models.BigIntegerField(null=True)
    register = models.CharField(max_length=60)
    signature = models.CharField(max_length=64, help_text=_("表头的摘要"))
    columns = models.JSONField(default=dict, help_text=_("导入栏目 → 表头"))
    used_at = models.DateTimeField()

    class Meta:
        verbose_name = _("表头对应")
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "register", "signature"], name="column_mapping_once"
            )
        ]
        indexes = [models.Index(fields=["register", "signature", "unit_id"], name="column_mapping_unit")]


class ImportJob(models.Model):
    """One file on its way in.

    uploaded → (read) → mapping → (dry run) checking → checked → applying → done. A file that cannot be read is
    refused; failed can go on from `position`. Rows before `position` are in, in the same transaction as the number.
    The file, and everything here that quotes it, is deleted when the person gives up, and by the daily cleaning
    after `expires_at`; the counts stay.
    """

    STATES = [
        ("uploaded", _("正在读取")), ("mapping", _("等待对应表头")), ("checking", _("正在试算")),
        ("checked", _("等待确认")), ("applying", _("正在导入")), ("done", _("已导入")), ("refused", _("文件不能导入")),
        ("failed", _("中断")), ("cancelled", _("已放弃")),
    ]  # fmt: skip
    MODES = [("all", _("全部正确才导入")), ("good", _("只导入没有问题的行"))]

    account_id = models.BigIntegerField()
    register = models.CharField(_("台账"), max_length=60)
    place_code = code_field(15, _("地方"), blank=True)
    file = models.FileField(upload_to="imports/", max_length=200)
    original_name = models.CharField(_("文件名"), max_length=200)
    size = models.PositiveIntegerField(_("字节"))
    state = models.CharField(_("状态"), max_length=10, choices=STATES, default="uploaded")
    mode = models.CharField(_("方式"), max_length=4, choices=MODES, blank=True)
    sheet = models.CharField(_("工作表"), max_length=120, blank=True)
    header_row = models.PositiveIntegerField(_("表头所在行"), default=1)
    layout = models.JSONField(default=dict, help_text=_("工作表、表头和前几行"))
    mapping = models.JSONField(default=dict, help_text=_("导入栏目 → 列号"))
    total = models.PositiveIntegerField(_("行数"), default=0)
    position = models.PositiveIntegerField(_("已处理"), default=0)
    good = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list, help_text=_("[行, 栏目, 说明]，有上限"))
    problem_count = models.PositiveIntegerField(default=0)
    warnings = models.JSONField(default=list, help_text=_("[行, 栏目, 说明]，已导入而要核对的，有上限"))
    warning_count = models.PositiveIntegerField(default=0)
    notes = models.JSONField(default=list)
    message = models.TextField(blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("导入")
        indexes = [
            models.Index(fields=["account_id", "register", "-id"], name="import_job_account"),
            models.Index(fields=["expires_at"], name="import_job_expiry"),
        ]

    @property
    def is_working(self) -> bool:
        """A background task is at it."""
        return self.state in ("uploaded", "checking", "applying")

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "refused", "cancelled")
