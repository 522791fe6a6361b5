"""The platform speaks Chinese until somebody chooses English."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_an_english_browser_still_gets_chinese() -> None:
    answer = Client(headers={"accept-language": "en-US"}).get("/door/")
    assert answer.headers["Content-Language"] == "zh-hans"
    assert 'lang="zh-hans"' in answer.content.decode()


def test_who_chooses_english_keeps_it() -> None:
    client = Client()
    client.post("/preferences/language/", {"language": "en", "next": "/door/"})
    answer = client.get("/door/")
    assert answer.headers["Content-Language"] == "en"
    assert "谁管我家门口" not in answer.content.decode().partition("<main")[2]


def test_a_language_nobody_speaks_is_chinese() -> None:
    client = Client()
    client.cookies["django_language"] = "xx"
    assert client.get("/door/").headers["Content-Language"] == "zh-hans"
