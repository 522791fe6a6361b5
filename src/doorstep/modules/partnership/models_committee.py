"""Part-time commissioners: somebody of a partner unit on the joint committee of a community, by five steps."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.models import Matter
from doorstep.kernel.organisations.models import Appointment, Unit
from doorstep.kernel.people.models import Person
from doorstep.kernel.places.models import code_field

RECOMMENDED_BY = [("unit", _("所在单位")), ("community", _("社区党组织"))]


class Nomination(models.Model):
    """One person's way to a seat, as a matter: recommended, screened, approved, appointed, made public.

    `affiliation`: where the person's own Party membership stays. `valid_from`, `valid_to`: the seat's period (the second
    exclusive). `appointment`: the seat itself, once given and not taken back. The notice is public from `published_on` until before `public_until`.
    """

    matter = models.OneToOneField(
        Matter, on_delete=models.PROTECT, primary_key=True, related_name="nomination"
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="nominations", verbose_name=_("人选")
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="nominations", verbose_name=_("所在单位")
    )
    community = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("社区党组织")
    )
    place_code = code_field(15, _("地方"))
    recommended_by = models.CharField(_("推荐方"), max_length=12, choices=RECOMMENDED_BY)
    affiliation = models.CharField(_("组织关系所在党组织"), max_length=120)
    has_vote = models.BooleanField(_("有表决权"), default=False)
    valid_from = models.DateField(_("任期起"))
    valid_to = models.DateField(_("任期止"))
    document = models.CharField(_("批准文号"), max_length=80, blank=True)
    appointment = models.OneToOneField(
        Appointment, on_delete=models.SET_NULL, null=True, related_name="nomination"
    )
    published_on = models.DateField(_("公示日期"), null=True)
    public_until = models.DateField(_("公示到"), null=True)

    class Meta:
        verbose_name = _("兼职委员人选")
        constraints = [
            models.CheckConstraint(condition=Q(valid_to__gt=F("valid_from")), name="nomination_period"),
            models.CheckConstraint(
                condition=Q(published_on__isnull=True, public_until__isnull=True)
                | Q(public_until__gt=F("published_on")) & ~Q(document=""),
                name="nomination_public",
            ),
            models.CheckConstraint(
                condition=Q(appointment__isnull=True) | ~Q(document=""), name="nomination_appointed_on_paper"
            ),
        ]
        indexes = [
            models.Index(fields=["place_code", "-matter"], name="nomination_place"),
            models.Index(fields=["published_on", "matter"], name="nomination_published"),
        ]

    def __str__(self) -> str:
        return str(self.matter)
