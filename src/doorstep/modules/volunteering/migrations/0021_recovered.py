"""How many points of a credit came back when it was taken back; of earlier ones the books tell."""

import django.db.models as models
from django.db import migrations

from doorstep.modules.volunteering.books import key_of


def fill(apps, schema_editor):
    credits = apps.get_model("volunteering", "Credit")
    transfers = apps.get_model("ledger", "Transfer")
    for pk, points in credits.objects.exclude(taken_back_at=None).values_list("pk", "points"):
        lines = transfers.objects.filter(
            transaction__book__code="points", transaction__key=key_of("points-back", pk)
        ).exclude(debit=models.F("credit"))
        back = lines.aggregate(back=models.Sum("amount"))["back"] or 0
        credits.objects.filter(pk=pk).update(recovered=min(points, back))


class Migration(migrations.Migration):
    dependencies = [("volunteering", "0020_redemption"), ("ledger", "0001_initial")]
    operations = [
        migrations.AddField(
            "credit",
            "recovered",
            models.PositiveIntegerField("收回积分", null=True, editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            "credit",
            models.CheckConstraint(
                condition=models.Q(taken_back_at=None, recovered=None)
                | models.Q(taken_back_at__isnull=False, recovered__lte=models.F("points")),
                name="credit_recovered",
            ),
        ),
    ]
