from django.db import migrations, models

PROMISES = [
    ("respond", "首次答复"), ("resolve", "办结"), ("check", "核实"), ("resume", "暂停后继续办理"), ("arrive", "到场"),
    ("answer", "答复是否重办"),
]  # fmt: skip
RHYTHMS = [("remind", "到期前提醒"), ("escalate", "超期后逐级上报")]


class Migration(migrations.Migration):
    dependencies = [("matters", "0011_known_by_report")]
    operations = [
        migrations.AlterField(
            model_name="deadline",
            name="clock",
            field=models.CharField(choices=PROMISES, max_length=16, verbose_name="承诺"),
        ),
        migrations.AlterField(
            model_name="timelimit",
            name="clock",
            field=models.CharField(choices=[*PROMISES, *RHYTHMS], max_length=16, verbose_name="承诺"),
        ),
    ]
