"""Everybody who had a hand in a page is a writer of it, not only who wrote last."""

from django.db import migrations, models


def keep_writers(apps, schema_editor):
    page = apps.get_model("coverage", "CommunityPage")
    link = page.writers.through
    known = page.objects.filter(written_by__isnull=False).exclude(state="published")
    link.objects.bulk_create(
        link(communitypage_id=pk, person_id=person) for pk, person in known.values_list("pk", "written_by")
    )


class Migration(migrations.Migration):
    dependencies = [("coverage", "0003_opened_by_the_platform")]
    operations = [
        migrations.AddField(
            "communitypage", "writers", models.ManyToManyField(related_name="+", to="people.person", verbose_name="执笔"),
        ),
        migrations.RunPython(keep_writers, migrations.RunPython.noop),
        migrations.RemoveField("communitypage", "written_by"),
    ]  # fmt: skip
