"""What is answered while the database cannot be reached: words for people, data for programs and phones, and no 500."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from doorstep.kernel.web.frame.outage import AGAIN_SECONDS, is_away

JSON = "application/json"


@pytest.fixture
def away(tmp_path: Path, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """No server listens where the database is looked for."""
    usual = connection.settings_dict["HOST"]
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["HOST"] = str(tmp_path)
        yield
        connection.close()
        connection.settings_dict["HOST"] = usual


@pytest.fixture
def reader() -> Client:
    """A browser that was signed in, so that already the look-up of its session misses the database."""
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "k" * 32
    return client


def refused(answer: Any) -> str:
    """The words of an answer that may be asked for again, and that nobody keeps."""
    assert answer.status_code == 503, answer.content.decode()
    assert answer["Retry-After"] == str(AGAIN_SECONDS)
    assert "no-store" in answer["Cache-Control"]
    return str(answer.content.decode())


@pytest.mark.parametrize(
    "address", ["/", "/report/", "/mine/", "/patrol/", "/desk/", "/desk/r/units/", "/nearby/"]
)
def test_pages_say_so_in_chinese(away: None, reader: Client, address: str) -> None:
    answer = reader.get(address)
    page = refused(answer)
    assert "<h1>数据库暂时连不上</h1>" in page and "110" in page
    assert f'href="{address}"' in page
    assert answer["Content-Language"] == "zh-hans" and "Content-Security-Policy" in answer


def test_in_english_for_who_chose_it(away: None, reader: Client) -> None:
    reader.cookies["django_language"] = "en"
    assert "The database cannot be reached just now" in refused(reader.get("/mine/"))


def test_somebody_without_a_session_is_told_too(away: None) -> None:
    assert "数据库暂时连不上" in refused(Client(raise_request_exception=False).get("/nearby/"))


def test_a_form_is_told_that_it_was_most_likely_not_saved(away: None, reader: Client) -> None:
    page = refused(reader.post("/report/", {"text": "楼道灯不亮"}))
    assert "多半没有保存" in page and 'href="/"' in page


@pytest.mark.parametrize(
    ("address", "headers", "content_type"),
    [
        ("/api/v1/matters", {"Authorization": "Bearer something"}, JSON),
        ("/report/", {"Accept": JSON}, "application/x-www-form-urlencoded"),
        ("/patrol/send/", {}, JSON),
    ],
)
def test_what_is_sent_by_programs_and_phones_gets_data(
    away: None, reader: Client, address: str, headers: dict[str, str], content_type: str
) -> None:
    body: Any = "{}" if content_type == JSON else "text=x"
    told = json.loads(refused(reader.post(address, body, content_type=content_type, headers=headers)))
    assert told["message"] == told["error"]["message"] and "不会重复" in told["message"]
    assert told["error"]["code"] == "unavailable"


def test_who_asks_whose_session_it_is_gets_data(away: None, reader: Client) -> None:
    assert json.loads(refused(reader.get("/session/", headers={"Accept": JSON})))["message"]


def test_open311_says_it_in_its_own_two_forms(away: None) -> None:
    program = Client(raise_request_exception=False)
    (error,) = json.loads(refused(program.get("/open311/v2/services.json")))
    assert error["code"] == 503 and "数据库暂时连不上" in error["description"]
    assert "cannot be reached" in error["description"]
    errors = ElementTree.fromstring(refused(program.get("/open311/v2/requests.xml")))
    assert errors.findtext("error/code") == "503"


def test_what_needs_no_database_is_served(away: None) -> None:
    client = Client(raise_request_exception=False)
    assert client.get("/manifest.webmanifest").status_code == 200
    assert client.get("/sw.js").status_code == 200


def test_the_log_says_it_in_a_line(away: None, reader: Client) -> None:
    """A traceback for each of thousands of requests would hide everything else."""
    written = io.StringIO()
    handler = logging.getLogger("django").handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    usual = handler.setStream(written)
    try:
        reader.get("/mine/")
    finally:
        handler.setStream(usual)
    (line,) = written.getvalue().splitlines()
    assert "Service Unavailable: /mine/" in line and "connection" in line


def test_a_statement_that_ran_too_long_is_an_error_of_ours(fresh_database: str) -> None:
    with pytest.raises(OperationalError) as stopped, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 1")
        cursor.execute("SELECT pg_sleep(2)")
    assert not is_away(stopped.value)


def test_a_connection_that_an_administrator_ended_is_an_outage(fresh_database: str) -> None:
    with pytest.raises(OperationalError) as ended, connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert is_away(ended.value)
    connection.close()
