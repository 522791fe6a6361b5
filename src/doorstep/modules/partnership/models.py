"""Partner units and what they agreed, the seats of their people, the three institutions, and the numbers of the rules.

What was recorded stays: an agreement ends on a day with its reason, a renewal is a row of its own.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.places.models import code_field
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, period_order
from doorstep.modules.partnership import models_lists  # noqa: F401  Django knows the models of this file alone
from doorstep.modules.partnership.models_committee import Nomination
from doorstep.modules.partnership.models_meetings import Consultation, Gathering, Resolution, Topic
from doorstep.modules.partnership.models_pairing import Deed, Pairing, PlanItem

__all__ = [
    "PARTNER_KINDS", "Agreement", "Consultation", "Deed", "Gathering", "Institution", "Nomination", "Pairing", "PlanItem",
    "Resolution", "RuleValue", "Topic",
]  # fmt: skip

# Kinds of unit that may become partners of a community or a street; each may have liaisons (post unit_liaison).
PARTNER_KINDS = (
    "company", "merchant", "social_organisation", "department", "property_company", "public_institution",
)  # fmt: skip


class Agreement(Dated):
    """A unit agreed with a community or a street (`place_code`) to build together, for a period, about something.

    The document is the signed paper's number. `renews`: the agreement that this one goes on from. Ended before its time, it
    says why; a unit has one agreement at a time in a place.
    """

    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="agreements", db_index=False, verbose_name=_("共建单位")
    )
    place_code = code_field(15, _("地方"))
    about = models.CharField(_("共建内容"), max_length=400)
    document = models.CharField(_("协议编号"), max_length=80)
    renews = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="renewed_by", editable=False
    )
    end_reason = models.CharField(_("提前终止的原因"), max_length=200, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("共建协议")
        constraints = [
            period_order("agreement_period"),
            models.CheckConstraint(condition=Q(valid_to__isnull=False), name="agreement_has_end"),
            models.CheckConstraint(condition=~Q(document=""), name="agreement_has_document"),
            ExclusionConstraint(
                name="agreement_one_at_a_time",
                expressions=[("unit", "="), ("place_code", "="), (DateRange(), "&&")],
            ),
        ]
        indexes = [
            models.Index(fields=["place_code", "id"], name="agreement_place"),
            models.Index(fields=["unit", "-valid_from"], name="agreement_unit"),
            models.Index(fields=["valid_to", "id"], name="agreement_ends"),
        ]

    def __str__(self) -> str:
        return self.document


class Institution(Dated):
    """One of the institutions of building together (制度), and the rules of what is owed (`rules`, their codes) that carry it.

    It is alive in a place while something is owed there by one of its rules; nobody says so.
    """

    code = models.CharField(_("代码"), max_length=40, db_collation="C")
    name = models.CharField(_("制度"), max_length=40)
    about = models.CharField(_("做什么"), max_length=300)
    rules = ArrayField(models.CharField(max_length=40), verbose_name=_("应办规则"))
    place_code = code_field(15, _("地方"))
    clause = models.CharField(_("依据"), max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("共建制度")
        constraints = [
            period_order("institution_period"),
            ExclusionConstraint(
                name="institution_one", expressions=[("code", "="), ("place_code", "="), (DateRange(), "&&")]
            ),
            models.CheckConstraint(condition=~Q(rules=[]), name="institution_has_rules"),
        ]

    def __str__(self) -> str:
        return self.name


class RuleValue(Dated):
    """One number of the module's rules, with its source: `agreement.warn_days`."""

    key = models.CharField(_("规则"), max_length=60)
    value = models.JSONField(_("值"))
    clause = models.CharField(_("依据"), max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("规则值")
        constraints = [
            period_order("partnership_value_period"),
            ExclusionConstraint(
                name="partnership_value_one", expressions=[("key", "="), (DateRange(), "&&")]
            ),
        ]
