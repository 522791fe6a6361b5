import django.db.models.deletion
from django.db import migrations, models

import doorstep.kernel.shared.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("username", models.CharField(max_length=60, unique=True, verbose_name="账号")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="邮箱")),
                ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                ("is_demo", models.BooleanField(default=False, verbose_name="演示账号")),
                (
                    "created_at",
                    models.DateTimeField(default=doorstep.kernel.shared.clock.now, verbose_name="建立时间"),
                ),
                ("must_change_password", models.BooleanField(default=False, verbose_name="下次登录须改密码")),
                ("password_set_on", models.DateField(null=True, verbose_name="密码设置日期")),
                (
                    "person",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="account",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "账号",
            },
        ),
    ]
