from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matters", "0016_words_of_a_street")]
    operations = [
        migrations.AlterField(
            model_name="matter",
            name="source",
            field=models.CharField(
                choices=[
                    ("phone", "手机页面"),
                    ("worker", "网格员"),
                    ("hotline", "热线"),
                    ("counter", "窗口"),
                    ("forum", "居民议事"),
                    ("open311", "开放接口"),
                    ("api", "程序接口"),
                    ("patrol", "巡查"),
                    ("street", "街道"),
                    ("unit", "单位"),
                    ("platform", "平台"),
                ],
                max_length=12,
                verbose_name="来源",
            ),
        ),
    ]
