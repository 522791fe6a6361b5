"""A matter: a promise with a clock. Its state changes only together with a row of its history.

A deferred constraint (second migration) refuses any transaction that leaves a matter in a state its history does not
tell of. History is append-only; only its free words may be blanked, when personal data reaches the end of its term.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.laws import law_of
from doorstep.kernel.matters.models_attachments import Attachment
from doorstep.kernel.matters.models_deadlines import (
    CalendarDay,
    CalendarYear,
    Deadline,
    ExtensionRequest,
    Pause,
    TimeLimit,
)
from doorstep.kernel.matters.models_messages import Delivery, MessageChoice, Notice, SupervisionOrder
from doorstep.kernel.matters.models_retention import KnownByReport, RetentionTerm
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import code_field
from doorstep.kernel.shared.rows import QuickRow

__all__ = [
    "Attachment", "CalendarDay", "CalendarYear", "Deadline", "Delivery", "ExtensionRequest", "History", "KnownByReport", "Link", "Matter", "MessageChoice",
    "Notice", "Participation", "Pause", "Remark", "RetentionTerm", "SupervisionOrder", "TimeLimit",
]  # fmt: skip

URGENCIES = [("normal", _("一般")), ("urgent", _("紧急")), ("emergency", _("特急"))]


class Matter(QuickRow):
    """One matter of any kind. What a kind needs beyond this is in its module's case table (OneToOneField)."""

    OPEN, INTERNAL, SEALED = "open", "internal", "sealed"
    CONFIDENTIALITY = [(OPEN, _("可公开")), (INTERNAL, _("内部")), (SEALED, _("当事人可见"))]
    SOURCES = [
        ("phone", _("手机页面")), ("worker", _("网格员")), ("hotline", _("热线")), ("counter", _("窗口")),
        ("forum", _("居民议事")), ("open311", _("开放接口")), ("api", _("程序接口")),
        ("patrol", _("巡查")), ("street", _("街道")), ("unit", _("单位")), ("platform", _("平台")),
    ]  # fmt: skip

    kind = models.CharField(_("种类"), max_length=20)
    state = models.CharField(_("状态"), max_length=24)
    is_open = models.BooleanField(_("未结"), default=True)
    place_code = code_field(15, _("地方"))
    street_code = models.GeneratedField(
        expression=Left("place_code", 9), output_field=code_field(9), db_persist=True
    )
    community_code = models.GeneratedField(
        expression=Left("place_code", 12), output_field=code_field(12), db_persist=True
    )
    title = models.CharField(_("事由"), max_length=80)
    text = models.TextField(_("情况"), blank=True)
    item = models.CharField(_("事项"), max_length=40, blank=True)
    category = models.CharField(_("类别"), max_length=40, blank=True)
    urgency = models.CharField(_("紧急程度"), max_length=12, choices=URGENCIES, default="normal")
    confidentiality = models.CharField(
        _("公开范围"), max_length=10, choices=CONFIDENTIALITY, default=INTERNAL
    )
    source = models.CharField(_("来源"), max_length=12, choices=SOURCES)
    reporter = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="reported", db_index=False
    )
    teller = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="told")
    address = models.CharField(_("地址"), max_length=120, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    holder = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    asked = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    handler = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    main = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="duplicates")
    opened_at = models.DateTimeField(_("登记时间"))
    state_since = models.DateTimeField(_("进入当前状态"))
    closed_at = models.DateTimeField(_("办结时间"), null=True)
    due_at = models.DateTimeField(_("最近期限"), null=True)
    due_is_provisional = models.BooleanField(_("暂定"), default=False)
    escalation = models.PositiveSmallIntegerField(default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    sought = models.TextField(editable=False, default="")
    bigrams = ArrayField(models.CharField(max_length=2), editable=False, default=list)
    erased_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("事项")
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(is_open=False), name="matter_closed"
            ),
            models.CheckConstraint(condition=~Q(main=F("id")), name="matter_not_own_main"),
            models.CheckConstraint(
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(longitude__isnull=False, latitude__isnull=False),
                name="matter_whole_position",
            ),
        ]
        indexes = [
            models.Index(fields=["place_code", "-id"], name="matter_place"),
            models.Index(fields=["community_code", "-id"], name="matter_community"),
            models.Index(fields=["street_code", "-id"], name="matter_street"),
            models.Index(fields=["reporter", "-id"], name="matter_reporter", condition=Q(reporter__isnull=False)),
            models.Index(fields=["community_code", "due_at", "id"], name="matter_open_community", condition=Q(is_open=True)),
            models.Index(fields=["street_code", "due_at", "id"], name="matter_open_street", condition=Q(is_open=True)),
            models.Index(fields=["holder", "due_at", "id"], name="matter_open_holder", condition=Q(is_open=True)),
            models.Index(fields=["asked", "due_at", "id"], name="matter_open_asked", condition=Q(asked__isnull=False)),
            models.Index(fields=["handler", "due_at", "id"], name="matter_open_handler", condition=Q(is_open=True)),
            models.Index(fields=["due_at", "id"], name="matter_open_due", condition=Q(is_open=True)),
            models.Index(fields=["kind", "state", "due_at", "id"], name="matter_open_state", condition=Q(is_open=True)),
            models.Index(fields=["category", "due_at", "id"], name="matter_open_category", condition=Q(is_open=True)),
            models.Index(fields=["urgency", "due_at", "id"], name="matter_open_urgency", condition=Q(is_open=True) & ~Q(urgency="normal")),
            models.Index(fields=["opened_at", "id"], name="matter_open_opened", condition=Q(is_open=True)),
            models.Index(fields=["kind", "state", "-id"], name="matter_kind_state"),
            models.Index(fields=["category", "-id"], name="matter_category"),
            models.Index(fields=["holder", "-id"], name="matter_holder", condition=Q(holder__isnull=False)),
            models.Index(fields=["kind", "-opened_at", "-id"], name="matter_kind_opened"),
            # words of a street are found without reading all that is in the street
            GinIndex(OpClass("sought", name="gin_trgm_ops"), F("street_code"), name="matter_trigrams"),
            GinIndex(fields=["bigrams", "street_code"], name="matter_bigrams"),
            # an inbox is searched among what is open, a tenth of all
            GinIndex(OpClass("sought", name="gin_trgm_ops"), F("street_code"), name="matter_open_trigrams", condition=Q(is_open=True)),
            GinIndex(fields=["bigrams", "street_code"], name="matter_open_bigrams", condition=Q(is_open=True)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        """The number people say on the phone: the kind's letters and the row's number."""
        return f"{law_of(self.kind).prefix}{self.pk:07d}"

    @property
    def state_name(self) -> object:
        return law_of(self.kind).by_code[self.state].name


class History(QuickRow):
    """One step of a matter, in the transaction that made it. `number` is the matter's version after it.

    `since`: when the state it left had been entered, so that dwell times need no second row; empty where it left none
    (the opening, and notes such as an extension, whose `source` is their `target`). `had`: with whom it had lain until
    then; `asked` and `holder`: who was asked and who answered for it after the step. `note` is what the
    reporter may read; `internal` is for staff. `data` holds codes and numbers only.
    """

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="history", db_index=False)
    number = models.PositiveIntegerField()
    name = models.CharField(_("步骤"), max_length=30)
    source = models.CharField(_("原状态"), max_length=24, blank=True)
    target = models.CharField(_("新状态"), max_length=24)
    at = models.DateTimeField(_("时间"))
    since = models.DateTimeField(null=True)
    account_id = models.BigIntegerField(null=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    had = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    asked = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    holder = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    note = models.TextField(_("说明"), blank=True)
    internal = models.TextField(_("内部说明"), blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("办理记录")
        constraints = [models.UniqueConstraint(fields=["matter", "number"], name="history_number")]
        indexes = [models.Index(fields=["name", "at"], name="history_name_at")]

    def __str__(self) -> str:
        return f"{self.matter_id}/{self.number} {self.name} {self.at:%Y-%m-%d}"


class Participation(models.Model):
    """A unit called to a matter, or a person following it. Being told of it, holding it and handling it stand on the
    matter itself. A neighbour follows what somebody else reported: hears what the reporter hears, and may not open it."""

    CALLED, LEAD, FOLLOWS, NEIGHBOUR = "called", "lead", "follows", "neighbour"
    PARTS = [(CALLED, _("协办")), (LEAD, _("牵头")), (FOLLOWS, _("关注")), (NEIGHBOUR, _("邻居关注"))]

    matter = models.ForeignKey(
        Matter, on_delete=models.PROTECT, related_name="participations", db_index=False
    )
    part = models.CharField(_("身份"), max_length=10, choices=PARTS)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("参与")
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=True, person__isnull=False)
                | Q(unit__isnull=False, person__isnull=True),
                name="participation_of_one",
            ),
            models.UniqueConstraint(
                fields=["unit", "matter"], condition=Q(unit__isnull=False), name="participation_unit_once"
            ),
            models.UniqueConstraint(
                fields=["matter", "person"],
                condition=Q(person__isnull=False),
                name="participation_person_once",
            ),
        ]


class Remark(models.Model):
    """Something said beside the steps: to the reporter too, or among staff."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="remarks")
    at = models.DateTimeField()
    account_id = models.BigIntegerField(null=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    internal = models.BooleanField(_("仅工作人员可见"))
    text = models.TextField(_("留言"))

    class Meta:
        verbose_name = _("留言")


class Link(models.Model):
    """Two matters that belong together. Duplicates keep their originals; a split names what came of what."""

    DUPLICATE, SPLIT, RELATED = "duplicate", "split", "related"
    KINDS = [(DUPLICATE, _("重复")), (SPLIT, _("拆分")), (RELATED, _("相关"))]

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="links")
    other = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="links_to")
    kind = models.CharField(_("关系"), max_length=10, choices=KINDS)
    at = models.DateTimeField()
    account_id = models.BigIntegerField(null=True)
    reason = models.CharField(_("理由"), max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("关联")
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "other", "kind"], condition=Q(ended_at__isnull=True), name="link_once"
            ),
            models.CheckConstraint(condition=~Q(matter=F("other")), name="link_not_itself"),
        ]
