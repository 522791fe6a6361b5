"""A PostgreSQL of the user's own, named by DATABASE_URL, instead of the embedded one."""

import secrets

import psycopg
import pytest
from psycopg import sql

from doorstep.launch import databases
from doorstep.launch.database_urls import cluster, database_url
from doorstep.launch.postgres import DatabaseTrouble


@pytest.fixture
def server(running_cluster, monkeypatch, tmp_path):
    """A server whose owner role may make roles, with an empty database; gives its URL."""
    name, password = f"doorstep_test_server_{secrets.token_hex(4)}", secrets.token_hex(8)
    address = database_url("owner", name).partition("@")[2]
    names = sql.Identifier(name)
    with cluster().connect_superuser("postgres") as administrator:
        administrator.execute(
            sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}").format(names, sql.Literal(password))
        )
        administrator.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(names, names))
    monkeypatch.setenv("DOORSTEP_VAR", str(tmp_path))
    with monkeypatch.context() as inside:
        inside.setenv("DATABASE_URL", f"postgresql://{name}:{password}@{address}")
        yield name
        monkeypatch.undo()
    with cluster().connect_superuser("postgres") as administrator:
        administrator.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(names))
        for role in (f"{name}_app", name):
            administrator.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


def test_it_is_prepared_with_an_application_role_of_its_own(server):
    assert databases.prepare() is True
    assert databases.prepare() is False
    with databases.connect("application") as connection:
        assert connection.info.user == f"{server}_app"
        assert connection.execute("SELECT count(*) FROM authority_account").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE sneaky (id int)")


def test_an_old_server_is_refused(server, monkeypatch):
    monkeypatch.setattr(databases, "OLDEST_SERVER", 999999)
    with pytest.raises(DatabaseTrouble, match="version 15 or newer"):
        databases.prepare()


def test_a_missing_extension_is_asked_for(server, monkeypatch):
    monkeypatch.setattr(databases, "EXTENSIONS", ("postgis",))
    with pytest.raises(DatabaseTrouble, match="CREATE EXTENSION postgis;"):
        databases.prepare()


def test_an_owner_without_rights_to_make_roles_is_told_of_the_other_way(server, monkeypatch):
    with cluster_of_tests(monkeypatch) as administrator:
        administrator.execute(sql.SQL("ALTER ROLE {} NOCREATEROLE").format(sql.Identifier(server)))
    with pytest.raises(DatabaseTrouble, match="DATABASE_APP_URL"):
        databases.prepare()


def test_the_owner_is_refused_as_application_role(server, monkeypatch):
    monkeypatch.setenv("DATABASE_APP_URL", database_url("owner"))
    with pytest.raises(DatabaseTrouble, match="another role"):
        databases.prepare()


def test_an_unreachable_server_is_said(server, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:x@127.0.0.1:1/nothing")
    with pytest.raises(DatabaseTrouble, match="cannot be reached"):
        databases.prepare()


def test_a_database_that_cannot_search_chinese_is_refused(server, monkeypatch):
    with cluster_of_tests(monkeypatch) as administrator:
        administrator.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(server)))
        administrator.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'").format(
                sql.Identifier(server), sql.Identifier(server)
            )
        )
    with pytest.raises(DatabaseTrouble, match="cannot search Chinese"):
        databases.prepare()


def cluster_of_tests(monkeypatch):
    """The administrator of the cluster the server stands for; its passwords are in the usual working folder."""
    with monkeypatch.context() as outside:
        outside.delenv("DOORSTEP_VAR")
        return cluster().connect_superuser("postgres")
