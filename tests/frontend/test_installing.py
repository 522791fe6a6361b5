"""The platform on a home screen: its manifest, what its service worker keeps, whose session a queue may send with."""

from __future__ import annotations

import json

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from doorstep.kernel.web.frame import installing
from tests.authority.cast import make_member, make_places
from tests.sign_in import client_of

pytestmark = pytest.mark.django_db


def offline_of(client: Client, language: str = "") -> dict:
    answer = client.get("/sw.js", {"language": language})
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/javascript")
    first = answer.content.decode().split(";\n", 1)[0]
    return json.loads(first.removeprefix("self.OFFLINE = "))


def test_the_manifest_names_icons_that_exist(client: Client) -> None:
    answer = client.get("/manifest.webmanifest")
    assert answer["Content-Type"].startswith("application/manifest+json")
    told = answer.json()
    assert told["name"] == "家门口" and told["start_url"] == "/" and told["display"] == "standalone"
    for icon in told["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/"))


def test_the_service_worker_keeps_the_phones_files_and_declared_pages_alone(client, monkeypatch) -> None:
    monkeypatch.setattr(installing, "_pages", {})
    installing.declare_kept_page(installing.KeptPage("/somewhere/", under=("/somewhere/",)))
    told = offline_of(client)
    assert all(name.startswith("/static/assets/") for name in told["files"])
    assert [page["page"] for page in told["pages"]] == ["/somewhere/?language=zh-hans"]
    assert offline_of(client, "en")["version"] != told["version"]
    assert offline_of(client, "xx") == told


def test_the_service_worker_is_one_script_without_imports(client) -> None:
    script = client.get("/sw.js").content.decode()
    assert "import " not in script and "import(" not in script and "export " not in script


def test_a_session_says_whose_it_is_without_naming_anybody(client) -> None:
    make_places()
    nobody = client.get("/session/")
    assert nobody.json()["sender"] == "" and nobody.json()["token"] and "csrftoken" in nobody.cookies
    account = make_member("street_officer").account
    one = client_of(account).get("/session/").json()["sender"]
    assert one == installing.sender_of(account.pk) and len(one) == 24 and str(account.pk) != one
