"""Reading the audit."""

from __future__ import annotations

from django.db import models
from django.db.models import QuerySet

from doorstep.kernel.audit.models import Checkpoint, Entry, Seal


def history_of(obj: models.Model) -> QuerySet[Entry]:
    """What was done to one record, latest first. The caller has already seen that the record exists for its actor."""
    return Entry.objects.filter(target=obj._meta.label_lower, target_id=str(obj.pk)).order_by("-id")


def unsealed_count() -> int:
    """Entries the sealer has not reached yet: the tail whose removal could not be noticed."""
    head = Checkpoint.objects.order_by("-position").first()
    rows = Entry.objects.filter(transaction__gte=head.horizon) if head else Entry.objects.all()
    return rows.filter(seal__isnull=True).count()


def sealed_count() -> int:
    last = Seal.objects.order_by("-position").values_list("position", flat=True).first()
    return last or 0
