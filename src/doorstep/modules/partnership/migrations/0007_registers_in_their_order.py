"""Responsibilities by their day and ratings by their moment: the order in which a whole district reads them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("partnership", "0006_majority_and_sources")]
    operations = [
        migrations.AddIndex(
            model_name="responsibility",
            index=models.Index(fields=["-due_on", "-matter"], name="responsibility_due"),
        ),
        migrations.AddIndex(
            model_name="rating",
            index=models.Index(fields=["-at", "-id"], name="partnership_rating_at"),
        ),
    ]
