"""No more than django-hordak asks for, on the cluster of the bench, with the platform's way of connecting."""

from __future__ import annotations

from doorstep.launch.database_urls import connection_settings

SECRET_KEY = "bench"
DEBUG = False
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"]
DATABASES = {"default": connection_settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
CURRENCIES = ("CNY",)
DEFAULT_CURRENCY = HORDAK_INTERNAL_CURRENCY = "CNY"
