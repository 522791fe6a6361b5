"""What production refuses to start with: debugging, keys made on the spot or weak, demo accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Error, register
from django.db import connection

from doorstep.launch.secret_keys import is_made_on_the_spot, weak_keys


@register("production")
def production_is_safe(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[Error]:
    """Errors when PRODUCTION is on and the environment is that of a trial."""
    if not settings.PRODUCTION:
        return []
    found = []
    if settings.DEBUG:
        found.append(Error("PRODUCTION 与 DEBUG 不能同时开启 / DEBUG is on", id="doorstep.E001"))
    if settings.DEMO:
        found.append(Error("PRODUCTION 与 DEMO 不能同时开启 / DEMO is on", id="doorstep.E002"))
    if is_made_on_the_spot():
        message = "须在环境中给出 SECRET_KEY 与 MASTER_KEY / SECRET_KEY and MASTER_KEY must be given"
        found.append(Error(message, id="doorstep.E003"))
    found += [
        Error(words, id="doorstep.E005") for words in weak_keys(settings.SECRET_KEY, settings.MASTER_KEY)
    ]
    return found


@register("production", "database")
def production_has_no_demo_accounts(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **options: Any
) -> list[Error]:
    """An error when PRODUCTION is on and the database holds accounts that anybody can sign in to."""
    if not settings.PRODUCTION or not databases:
        return []
    from doorstep.kernel.authority.models import Account

    if Account._meta.db_table not in connection.introspection.table_names():  # before the first migration
        return []
    count = Account.objects.filter(is_demo=True).count()
    if not count:
        return []
    return [
        Error(
            f"数据库中有 {count} 个演示账号 / {count} demo accounts are in the database", id="doorstep.E004"
        )
    ]
