"""Settings, read from the environment. `doorstep run` fills it in for a checkout; a server fills in its own."""

from __future__ import annotations

import os
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from doorstep.launch.database_urls import application_role, connection_settings
from doorstep.launch.locations import working_folder
from doorstep.launch.secret_keys import master_key, secret_key

PACKAGE = Path(__file__).resolve().parents[1]


def flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


DEBUG = flag("DEBUG")
DEMO = flag("DEMO")
PRODUCTION = flag("PRODUCTION")

SECRET_KEY = secret_key()
MASTER_KEY = master_key()  # bytes; wraps each person's own key
OLD_MASTER_KEY = bytes.fromhex(os.environ.get("OLD_MASTER_KEY", ""))  # during a change of the master key
FIELD_CIPHER = os.environ.get("FIELD_CIPHER", "aes-gcm")  # or "sm4-gcm"
AUDIT_CHECKPOINTS = working_folder() / "audit-checkpoints"  # heads of the audit chain, outside the database

ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]

# The district this installation serves, and the day its programme began (flows count from it).
HOME_PLACE = os.environ.get("HOME_PLACE", "210202")
PROGRAMME_START = os.environ.get("PROGRAMME_START", "2024-01-01")
TIANDITU_KEY = os.environ.get("TIANDITU_KEY", "")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "django_htmx",
    "django_tables2",
    "django_filters",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_tasks",
    "django_tasks_db",
    "doorstep.kernel.web",
    "doorstep.kernel.indicators",
    "doorstep.kernel.authority",
    "doorstep.kernel.organisations",
    "doorstep.kernel.people",
    "doorstep.kernel.places",
    "doorstep.kernel.audit",
    "doorstep.kernel.declarations",
    "doorstep.modules.chain",
    "doorstep.surfaces.desk",
    "doorstep.surfaces.doorway",
    "doorstep.surfaces.briefs",
    "doorstep.surfaces.api",
    "doorstep.demo",
    "doorstep.config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "doorstep.kernel.authority.middleware.ActorMiddleware",
]

ROOT_URLCONF = "doorstep.config.urls"
WSGI_APPLICATION = "doorstep.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "doorstep.kernel.web.context.page",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["bootstrap5"]
CRISPY_TEMPLATE_PACK = "bootstrap5"

DATABASES = {"default": connection_settings()}
DATABASE_APPLICATION_ROLE = application_role()  # migrations take rights on append-only tables from it
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "authority.Account"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# over HTTPS (LAN=1, or behind a proxy that says so) cookies never travel in the clear
HTTPS = flag("HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY") else None

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = working_folder() / "static"
STATICFILES_DIRS = [folder for folder in [PACKAGE / "frontend" / "dist"] if folder.exists()]
MEDIA_ROOT = working_folder() / "uploads"

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
