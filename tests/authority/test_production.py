"""What production refuses to start with, in the process that would serve."""

import os
import subprocess
import sys

import pytest
from django.core.checks import run_checks

from tests.authority.cast import make_member, make_places

KEYS = {"SECRET_KEY": "k" * 60, "MASTER_KEY": bytes(range(32)).hex()}


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    """Load the server's entry point as a server would."""
    clean = {key: value for key, value in os.environ.items() if key not in {"SECRET_KEY", "MASTER_KEY"}}
    command = [sys.executable, "-c", "import doorstep.config.wsgi"]
    settings = {"DJANGO_SETTINGS_MODULE": "tests.settings", "DEMO": "0", "DEBUG": "0"}
    return subprocess.run(
        command, env=clean | settings | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"PRODUCTION": "1"}, "MASTER_KEY must be given"),
        ({"PRODUCTION": "1", "SECRET_KEY": KEYS["SECRET_KEY"]}, "MASTER_KEY must be given"),
        ({"PRODUCTION": "1", "DEBUG": "1", **KEYS}, "DEBUG is on"),
        ({"PRODUCTION": "1", "DEMO": "1", **KEYS}, "DEMO is on"),
        ({"PRODUCTION": "1", **KEYS, "SECRET_KEY": "k" * 31}, "SECRET_KEY needs 32 characters"),
        ({"PRODUCTION": "1", **KEYS, "MASTER_KEY": "ab" * 32}, "must not be one repeated byte"),
        ({"PRODUCTION": "1", **KEYS, "MASTER_KEY": "0123" * 4}, "MASTER_KEY must be 32 bytes"),
        ({"PRODUCTION": "1", **KEYS, "MASTER_KEY": "key"}, "MASTER_KEY must be 64 hexadecimal digits"),
    ],
)
def test_refused(fresh_database, environment, words):
    result = start(**environment)
    assert result.returncode != 0 and words in result.stderr


def test_demo_accounts_are_refused(fresh_database):
    make_places()
    make_member("community_secretary", is_demo=True)
    result = start(PRODUCTION="1", **KEYS)
    assert result.returncode != 0 and "1 demo accounts are in the database" in result.stderr


def test_a_clean_installation_starts(fresh_database):
    result = start(PRODUCTION="1", **KEYS)
    assert result.returncode == 0, result.stderr


def test_cookies_travel_encrypted_in_production():
    command = "from django.conf import settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE)"
    settings = {"DJANGO_SETTINGS_MODULE": "doorstep.config.settings", "PRODUCTION": "1"}
    result = subprocess.run(
        [sys.executable, "-c", command], env=os.environ | settings, capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["True", "True"]


@pytest.mark.django_db
def test_outside_production_the_same_is_allowed(settings):
    settings.DEBUG = settings.DEMO = True
    assert run_checks(tags=["production"], databases=["default"]) == []
