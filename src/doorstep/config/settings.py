"""Settings, read from the environment. `doorstep run` fills it in for a checkout; a server fills in its own."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.shared import queues
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
LEDGER_CHECKPOINTS = working_folder() / "ledger-checkpoints"  # heads of the books, likewise

ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]

# The district this installation serves, and the day its programme began (flows count from it).
HOME_PLACE = os.environ.get("HOME_PLACE", "210202")
PROGRAMME_START = os.environ.get("PROGRAMME_START", "2024-01-01")
TIANDITU_KEY = os.environ.get("TIANDITU_KEY", "")
PUBLIC_ADDRESS = os.environ.get("PUBLIC_ADDRESS", "")  # where people reach the platform, for links in files

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_tasks",
    "django_tasks_db",
    "doorstep.kernel.proposals",
    "doorstep.kernel.web",
    "doorstep.kernel.indicators",
    "doorstep.kernel.obligations",
    "doorstep.kernel.activities",
    "doorstep.kernel.matters",
    "doorstep.kernel.ledger",
    "doorstep.kernel.authority",
    "doorstep.kernel.organisations",
    "doorstep.kernel.people",
    "doorstep.kernel.places",
    "doorstep.kernel.audit",
    "doorstep.kernel.declarations",
    "doorstep.modules.chain",
    "doorstep.modules.requests",
    "doorstep.modules.grids",
    "doorstep.modules.volunteering",
    "doorstep.modules.culture",
    "doorstep.modules.coverage",
    "doorstep.modules.partnership",
    "doorstep.modules.vanguard",
    "doorstep.surfaces.desk",
    "doorstep.surfaces.doorway",
    "doorstep.surfaces.patrol",
    "doorstep.surfaces.briefs",
    "doorstep.surfaces.api",
    "doorstep.surfaces.open311",
    "doorstep.demo",
    "doorstep.config",
    "allauth",  # after ours, whose templates take the place of theirs
    "allauth.account",
    "allauth.mfa",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "doorstep.kernel.web.frame.headers.AnswerHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "doorstep.kernel.web.frame.language.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "doorstep.kernel.authority.middleware.ActorMiddleware",
    "doorstep.kernel.authority.middleware.SessionGate",
    "axes.middleware.AxesMiddleware",
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

# Sign-in. Times and limits may be set by the installation.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "doorstep.kernel.authority.backends.AccountBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "doorstep.kernel.authority.passwords.ThreeKindsOfCharacters"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
STAFF_IDLE_MINUTES = int(os.environ.get("STAFF_IDLE_MINUTES", "30"))
RESIDENT_IDLE_MINUTES = int(os.environ.get("RESIDENT_IDLE_MINUTES", str(14 * 24 * 60)))
STAFF_PASSWORD_DAYS = int(os.environ.get("STAFF_PASSWORD_DAYS", "180"))
SESSION_ENGINE = "doorstep.kernel.authority.sessions"
SESSION_COOKIE_AGE = RESIDENT_IDLE_MINUTES * 60
HTTPS = flag(
    "HTTPS"
)  # LAN=1 sets it: then cookies never travel in the clear, and in production they never do
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS or PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY") else None

ACCOUNT_ADAPTER = "doorstep.kernel.authority.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {
    "login_failed": "60/m/ip"
}  # one account's failures are counted by axes, which says how long
ACCOUNT_FORMS = {
    "login": "doorstep.kernel.authority.forms.SignInForm",
    "change_password": "doorstep.kernel.authority.forms.ChangePasswordForm",
    "reauthenticate": "doorstep.kernel.authority.forms.ConfirmPasswordForm",
}
MFA_ADAPTER = "doorstep.kernel.authority.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "家门口"
MFA_TOTP_TOLERANCE = 1  # phones' clocks are half a minute off
MFA_FORMS = {
    "authenticate": "doorstep.kernel.authority.forms.SecondFactorForm",
    "reauthenticate": "doorstep.kernel.authority.forms.ConfirmSecondFactorForm",
    "activate_totp": "doorstep.kernel.authority.forms.ActivateTotpForm",
}

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = dt.timedelta(minutes=int(os.environ.get("LOCK_OUT_MINUTES", "15")))
AXES_LOCKOUT_PARAMETERS = ["username"]
SILENCED_SYSTEM_CHECKS = ["axes.W006"]  # it asks to lock addresses: a whole office stands behind one
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "doorstep.kernel.authority.lockout.username_of"
AXES_LOCKOUT_CALLABLE = "doorstep.kernel.authority.lockout.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the time said to the person stays true
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_IPWARE_PROXY_COUNT = ALLAUTH_TRUSTED_PROXY_COUNT = 1 if flag("BEHIND_PROXY") else 0

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": queues.EVERY}}
CACHES = {
    "default": {"BACKEND": "doorstep.kernel.authority.shared_cache.SharedCache"}
}  # limits of all processes

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = working_folder() / "static"
STATICFILES_DIRS = [folder for folder in [PACKAGE / "frontend" / "dist"] if folder.exists()]
MEDIA_ROOT = working_folder() / "uploads"

# Messages outside the platform. An installation with an SMS gateway names its own class with a `send`.
DEFAULT_FROM_EMAIL = os.environ.get("FROM_EMAIL", "doorstep@localhost")
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_TIMEOUT = 10
SMS_PROVIDER = os.environ.get("SMS_PROVIDER", "doorstep.kernel.matters.providers.FileProvider")
SMS_FILE = working_folder() / "messages" / "sms.jsonl"
MESSAGES_AN_HOUR = int(os.environ.get("MESSAGES_AN_HOUR", "3"))  # more wait and go as one
# The noise law (article 88) calls ten in the evening to six in the morning night; an hour more is let sleep.
QUIET_HOURS = (dt.time(22), dt.time(7))
MESSAGE_ATTEMPTS = 6  # with pauses of 1, 2, 4, 8, 16 minutes: an outage of half an hour loses nothing
MESSAGE_PAUSE_SECONDS = 60
MESSAGE_CLAIM_SECONDS = 120  # far longer than one sending may take (EMAIL_TIMEOUT)
MESSAGE_RUN_SECONDS = 10  # the scheduler has other work
# Files people attach to matters. Nine is what their messenger lets them choose at once.
ATTACHMENTS_FOLDER = working_folder() / "attachments"
ATTACHMENTS_PER_MATTER = int(os.environ.get("ATTACHMENTS_PER_MATTER", "9"))
ATTACHMENT_BYTES = 20 * 1024 * 1024  # phones' largest photos
PICTURE_EDGE = 2048  # the longer side as it is kept: a meter or a crack is still readable
PICTURE_PIXELS = 64_000_000
PICTURE_MEMORY = (
    192 * 1024 * 1024
)  # bytes one picture may need while it is decoded; one at a time in each process
NOTICES_KEPT_DAYS = int(os.environ.get("NOTICES_KEPT_DAYS", "180"))

API_CALLS_A_MINUTE = int(os.environ.get("API_CALLS_A_MINUTE", "120"))  # of one key
API_REPORTS_A_MINUTE = int(os.environ.get("API_REPORTS_A_MINUTE", "30"))  # of one account, by all its keys

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Errors and refusals go to the error stream, where the supervisor shows them; never request bodies or personal data.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "doorstep.config.logs.WithoutValues",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "filters": {"outages": {"()": "doorstep.config.logs.OutagesInALine"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["outages"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django.request": {"level": "ERROR"},  # what does not exist for a reader is no incident
    },
}
