"""Persons and the least that must be known of them."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.places.models import code_field
from doorstep.kernel.shared.dated import Dated, DatedQuerySet, DateRange, period_order
from doorstep.kernel.shared.names import Named


class Person(Named):
    """A person. Phone and identity number are ciphertext under the person's own key; the blind indexes find them.

    `place_code` is where the person is served or serves; empty for the whole district's people. After an erasure
    the row stays as a tombstone: `erased_at` set, name replaced, every value and the key gone.
    """

    place_code = code_field(15, _("地方"), blank=True)
    phone_sealed = models.BinaryField(_("电话"), null=True, editable=False)
    phone_index = models.BinaryField(null=True, editable=False)
    identity_sealed = models.BinaryField(_("身份证号"), null=True, editable=False)
    identity_index = models.BinaryField(null=True, editable=False)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("人员")
        constraints = [models.UniqueConstraint(fields=["identity_index"], name="person_identity_once")]
        indexes = [
            models.Index(fields=["place_code", "id"], name="person_place"),
            models.Index(fields=["phone_index"], name="person_phone"),
            models.Index(fields=["pinyin"], name="person_pinyin"),
            GinIndex(OpClass("name", name="gin_trgm_ops"), name="person_name_trgm"),
        ]

    def __str__(self) -> str:
        return self.name


class PersonKey(models.Model):
    """The person's own key, wrapped by the installation's master key. Erasure deletes the row."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True, related_name="key")
    cipher = models.CharField(max_length=20)
    wrapped = models.BinaryField()


class Consent(Dated):
    """What a person agreed to, for which purpose, how and until when."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consents", db_index=False)
    purpose = models.CharField(_("用途"), max_length=40)
    given_by = models.CharField(_("同意方式"), max_length=120)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("同意")
        constraints = [
            period_order("consent_period"),
            ExclusionConstraint(
                name="consent_once", expressions=[("person", "="), ("purpose", "="), (DateRange(), "&&")]
            ),
        ]
