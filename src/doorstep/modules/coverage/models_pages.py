"""One page of a community: its brand (一社一品), or what an advanced community's experience comes to."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import code_field

BRAND, EXPERIENCE = "brand", "experience"
KINDS = [(BRAND, _("社区品牌")), (EXPERIENCE, _("先进社区经验"))]
DRAFT, SUBMITTED, PUBLISHED, WITHDRAWN = "draft", "submitted", "published", "withdrawn"
STATES = [
    (DRAFT, _("在写")), (SUBMITTED, _("等审核")), (PUBLISHED, _("已发布")), (WITHDRAWN, _("已撤下")),
]  # fmt: skip


class CommunityPage(models.Model):
    """What problem, what way, what effect; its figures are measured live, now and as of `since_day`, never written.

    Public from its approval by the street until it is changed or withdrawn. `writers`: everybody who had a hand in it since it was last
    published; none of them publishes it.
    """

    kind = models.CharField(_("种类"), max_length=10, choices=KINDS)
    place_code = code_field(12, _("社区"))
    name = models.CharField(_("名称"), max_length=40)
    problem = models.TextField(_("要解决的问题"))
    way = models.TextField(_("做法"))
    effect = models.TextField(_("成效"))
    indicators = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, verbose_name=_("看哪些数字")
    )
    since_day = models.DateField(_("和哪一天比"))
    picture = models.BinaryField(null=True)  # made anew without where it was taken
    caption = models.CharField(_("照片说明"), max_length=80, blank=True)
    consent = models.CharField(_("照片里的人怎样同意"), max_length=120, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=STATES, default=DRAFT)
    writers = models.ManyToManyField(Person, related_name="+", verbose_name=_("执笔"))
    submitted_at = models.DateTimeField(_("送审时间"), null=True)
    approved_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    published_on = models.DateField(_("发布日期"), null=True)
    withdrawn_on = models.DateField(_("撤下日期"), null=True)
    reason = models.CharField(_("退回或撤下的原因"), max_length=200, blank=True)
    lock_version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("社区品牌和经验")
        constraints = [
            models.UniqueConstraint(fields=["kind", "place_code"], name="community_page_once"),
            models.CheckConstraint(
                condition=~Q(state=PUBLISHED) | Q(published_on__isnull=False), name="community_page_published"
            ),
            models.CheckConstraint(
                condition=Q(picture=None) | ~Q(consent=""), name="community_page_picture_agreed"
            ),
        ]
        indexes = [models.Index(fields=["place_code", "id"], name="community_page_place")]

    def __str__(self) -> str:
        return self.name
