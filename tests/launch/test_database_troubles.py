"""A database that cannot be used is told in words with what to do, whichever command meets it."""

from urllib.parse import urlsplit

import pytest

from doorstep.launch.database_urls import cluster
from doorstep.launch.postgres import APPLICATION, OWNER
from tests.launch.installation import Installation, installed

NOWHERE = "postgresql://nobody:x@127.0.0.1:1/nothing"


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    with installed(tmp_path_factory.mktemp("troubles")) as one:
        yield one


def changed(url: str, **parts: str) -> str:
    """`url` with another user or password."""
    split = urlsplit(url)
    user, password = parts.get("user", split.username), parts.get("password", split.password)
    return split._replace(netloc=f"{user}:{password}@{split.netloc.rpartition('@')[2]}").geturl()


@pytest.fixture
def server(fresh_database):
    """A prepared database as a server of the user's own gives it: the URLs of both roles."""
    return {
        "DATABASE_URL": cluster().url(OWNER, fresh_database),
        "DATABASE_APP_URL": cluster().url(APPLICATION, fresh_database),
    }


def refused(installation: Installation, *words: str, **environment: str) -> str:
    """What the command says on refusing, in words."""
    result = installation.command(*words, **environment)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "Traceback" not in result.stderr, result.stderr
    return result.stderr


@pytest.mark.parametrize(
    "words", [["serve"], ["run"], ["worker"], ["figures"], ["demo", "reset", "--yes"]], ids=" ".join
)
def test_an_unreachable_server(installation, words):
    said = refused(installation, *words, DATABASE_URL=NOWHERE)
    assert "DATABASE_URL" in said and ("请检查" in said or "请确认" in said)


@pytest.mark.parametrize("words", [["serve"], ["run"], ["worker"], ["figures"]], ids=" ".join)
@pytest.mark.parametrize(
    "wrong", [{"password": "wrong"}, {"user": "nobody_of_that_name"}], ids=["password", "role"]
)
def test_a_wrong_application_role(installation, server, words, wrong):
    said = refused(
        installation, *words, **server | {"DATABASE_APP_URL": changed(server["DATABASE_APP_URL"], **wrong)}
    )
    assert "DATABASE_APP_URL" in said


def test_an_application_role_that_was_never_made(installation, server):
    said = refused(installation, "serve", DATABASE_URL=server["DATABASE_URL"])
    assert "doorstep manage migrate" in said


def test_a_database_that_is_not_prepared(installation, server):
    server = {name: url.replace(urlsplit(url).path, "/postgres") for name, url in server.items()}
    assert "doorstep manage migrate" in refused(installation, "serve", **server)
    assert "doorstep manage migrate" in refused(installation, "worker", **server)
    assert "不是演示城区" in refused(installation, "demo", "reset", "--yes", **server)
