"""Start-up checks: the cipher works here, and the people on record are sealed under it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connection

from doorstep.kernel.people.ciphers import trouble_with


@register("production")
@register(Tags.security)
def cipher_works(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[Error]:
    """An error where FIELD_CIPHER names no suite, or one that this machine's OpenSSL cannot do."""
    trouble = trouble_with(settings.FIELD_CIPHER)
    return [Error(trouble, id="people.E001")] if trouble else []


@register("production", Tags.database)
def people_are_sealed_under_it(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **options: Any
) -> list[Error]:
    """An error while people are sealed under another suite: their numbers would not be found."""
    if not databases or trouble_with(settings.FIELD_CIPHER):
        return []
    from doorstep.kernel.people.models import PersonKey

    if PersonKey._meta.db_table not in connection.introspection.table_names():  # before the first migration
        return []
    others = PersonKey.objects.exclude(cipher=settings.FIELD_CIPHER).count()
    if not others:
        return []
    return [
        Error(
            f"{others} people are sealed under another cipher than FIELD_CIPHER={settings.FIELD_CIPHER}.",
            hint="Run `doorstep manage reseal_people`.",
            id="people.E002",
        )
    ]
