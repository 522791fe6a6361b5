"""When a called department owes its answer, and when the platform next says something of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("requests", "0009_terms_of_arrivals")]
    operations = [
        migrations.AddField(
            model_name="whistlecall",
            name="answer_by",
            field=models.DateTimeField(null=True, verbose_name="应哨时限"),
        ),
        migrations.AddField(
            model_name="whistlecall", name="wake_at", field=models.DateTimeField(editable=False, null=True)
        ),
        migrations.AddIndex(
            model_name="whistlecall",
            index=models.Index(
                condition=models.Q(("wake_at__isnull", False)), fields=["wake_at"], name="whistle_call_wake"
            ),
        ),
    ]
