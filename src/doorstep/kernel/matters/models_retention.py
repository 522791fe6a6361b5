"""How long the words of a closed matter are kept, and who is known by matters alone."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.people.models import Person
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, period_order


class RetentionTerm(Dated):
    """Personal data of matters of a kind is kept so many months after they were closed. No row: it is kept.

    The term in force on the day the work is done holds, so that a shorter term ends what was kept too long.
    """

    kind = models.CharField(_("种类"), max_length=20)
    months = models.PositiveSmallIntegerField(_("保存月数"))
    clause = models.CharField(_("依据"), max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("保存期限")
        constraints = [
            period_order("retention_term_period"),
            models.CheckConstraint(condition=Q(months__gt=0), name="retention_term_positive"),
            ExclusionConstraint(name="retention_term_once", expressions=[("kind", "="), (DateRange(), "&&")]),
        ]


class KnownByReport(models.Model):
    """A person the platform knows only because they called or came with a matter: name and number of theirs are kept as
    long as the words of what they told, and go with the last of them."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True, related_name="+")
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("因来电来访登记的人员")
