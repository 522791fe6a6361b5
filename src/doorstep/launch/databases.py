"""What makes a database ours: extensions, rights, migrations; and templates that are cloned in a moment.

The owner role runs migrations in a process of its own. Rights are granted to the application role as *default*
privileges before the first migration, so that a migration which revokes some on an append-only table has the
last word. What the launcher remembers about a database (which migrations it has, when the demo district was
loaded) is in its schema `setup`, so a clone remembers it too.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import psycopg
from psycopg import sql

from doorstep.launch.database_urls import (
    CONNECT_SECONDS,
    application_role,
    cluster,
    database_name,
    database_url,
    is_embedded,
)
from doorstep.launch.locations import PROJECT
from doorstep.launch.messages import both
from doorstep.launch.postgres import EXTENSIONS, OWNER, DatabaseTrouble
from doorstep.launch.secret_keys import kept_secret

PACKAGE = PROJECT / "src" / "doorstep"
OLDEST_SERVER = 150000

GRANTS = """
GRANT USAGE ON SCHEMA public TO {app};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {app};
CREATE SCHEMA setup;
GRANT USAGE ON SCHEMA setup TO {app};
CREATE TABLE setup.facts (key text PRIMARY KEY, value text NOT NULL);
GRANT SELECT ON setup.facts TO {app};
CREATE TABLE setup.schedule (
    name text PRIMARY KEY, started timestamptz NOT NULL, finished timestamptz, trouble text NOT NULL DEFAULT ''
);
GRANT SELECT, INSERT, UPDATE ON setup.schedule TO {app};
"""


def hash_of(paths: Iterable[Path]) -> str:
    """A short name for the contents of these files."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(str(path.relative_to(PROJECT)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def migrations_hash() -> str:
    """Changes whenever a migration of ours, or a package that may bring its own, changes."""
    return hash_of(
        [
            *PACKAGE.glob("**/migrations/*.py"),
            *PACKAGE.glob("**/migrations/*.sql"),
            *PROJECT.glob("requirements/base.txt"),
            Path(__file__),
        ]
    )


def connect(role: str, database: str | None = None) -> psycopg.Connection:
    """An autocommit connection as "owner" or "application". Raises DatabaseTrouble where it cannot be made."""
    try:
        return psycopg.connect(database_url(role, database), autocommit=True, connect_timeout=CONNECT_SECONDS)
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        raise unreachable(role, error) from error


def unreachable(role: str, error: psycopg.Error) -> DatabaseTrouble:
    """Why there is no connection as `role`, and which setting to look at."""
    if is_embedded():
        log = cluster().folder / "log"
        return DatabaseTrouble(
            both(
                f"内置数据库无法连接：{error}\n请再运行一次 make run；仍不行，原因在 {log} 末尾。",
                f"The embedded database cannot be reached. Run it again; if it stays away, see the end of {log}.",
            )
        )
    if role != "owner" and not os.environ.get("DATABASE_APP_URL"):
        return DatabaseTrouble(
            both(
                f"应用角色 {application_role()} 无法连接数据库：{error}\n"
                "请确认 DATABASE_URL 的数据库正在运行，再运行 doorstep manage migrate 建立这个角色。",
                f"The role {application_role()} cannot be reached in the database of DATABASE_URL. If the server runs, "
                "`doorstep manage migrate` makes the role.",
            )
        )
    variable = "DATABASE_URL" if role == "owner" else "DATABASE_APP_URL"
    return DatabaseTrouble(
        both(
            f"{variable} 的数据库无法连接：{error}\n请检查其中的地址、端口、库名、角色和口令，并确认数据库正在运行。",
            f"The database of {variable} cannot be reached. Check its host, port, name, role and password, and that the "
            "server runs.",
        )
    )


def prepare(database: str | None = None) -> bool:
    """Make `database` (default: the configured one) current: created, granted, migrated. True if it was new.

    Raises DatabaseTrouble with what to do when a server given by DATABASE_URL cannot serve.
    """
    database = database or database_name()
    new = cluster().ensure_database(database) if is_embedded() else _check_server(database)
    with connect("owner", database) as connection:
        _check_chinese_search(connection)
        if connection.execute("SELECT to_regclass('setup.facts')").fetchone() == (None,):
            with connection.transaction():
                connection.execute(sql.SQL(GRANTS).format(app=sql.Identifier(application_role())))
            new = True
        wanted = migrations_hash()
        if fact(connection, "migrations") != wanted:
            manage("migrate", "--no-input", "--verbosity", "0", database=database, role="owner")
            remember(connection, "migrations", wanted)
    return new


def fact(connection: psycopg.Connection, key: str) -> str | None:
    row = connection.execute("SELECT value FROM setup.facts WHERE key = %s", [key]).fetchone()
    return row[0] if row else None


def remember(connection: psycopg.Connection, key: str, value: str) -> None:
    connection.execute(
        "INSERT INTO setup.facts VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [key, value],
    )


def manage(
    *arguments: str, database: str | None = None, role: str = "application", **environment: str
) -> None:
    """Run a Django management command in a process of its own against `database`."""
    variables = os.environ | {"DJANGO_SETTINGS_MODULE": "doorstep.config.settings", "DOORSTEP_DB_ROLE": role}
    if database and is_embedded():
        variables["DOORSTEP_DATABASE"] = database
    result = subprocess.run(
        [sys.executable, "-m", "doorstep.launch.managed", *arguments],
        env=variables | environment,
        check=False,
    )
    if result.returncode:
        raise DatabaseTrouble(
            f"`doorstep manage {' '.join(arguments)}` failed ({result.returncode}); see above."
        )


def clone(template: str, database: str) -> None:
    """Copy `template` file by file; nobody may be connected to it."""
    with _administrator() as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY OWNER {}").format(
                sql.Identifier(database), sql.Identifier(template), sql.Identifier(_owner())
            )
        )


def drop(database: str) -> None:
    with _administrator() as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
        )


def rename(database: str, name: str) -> None:
    with _administrator() as connection:
        connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(database), sql.Identifier(name))
        )


def names(prefix: str) -> list[str]:
    """Databases whose name begins with `prefix`."""
    with _administrator() as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
        return [name for (name,) in rows]


def _administrator() -> psycopg.Connection:
    if is_embedded():
        return cluster().connect_superuser("postgres")
    return connect("owner", "postgres")


def _owner() -> str:
    if is_embedded():
        return OWNER
    with connect("owner") as connection:
        return connection.info.user


def _check_server(database: str) -> bool:
    """A server of the user's own: new enough, with our extensions and an application role."""
    with connect("owner", database) as connection:
        if connection.info.server_version < OLDEST_SERVER:
            version = connection.info.parameter_status("server_version")
            raise DatabaseTrouble(f"DATABASE_URL is PostgreSQL {version}; version 15 or newer is needed.")
        for extension in EXTENSIONS:
            _ensure_extension(connection, extension)
        _ensure_application_role(connection)
    return False


def _ensure_extension(connection: psycopg.Connection, extension: str) -> None:
    try:
        connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
    except psycopg.Error as error:
        raise DatabaseTrouble(
            f"The extension {extension} is missing on the server of DATABASE_URL, and its role may not add it: {error}"
            f"Ask its administrator to run: CREATE EXTENSION {extension};"
        ) from error


def _ensure_application_role(connection: psycopg.Connection) -> None:
    """Make the application role when DATABASE_APP_URL names none."""
    role = application_role()
    if role == connection.info.user:
        raise DatabaseTrouble(
            "DATABASE_APP_URL must name another role than DATABASE_URL, one that owns nothing."
        )
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    if os.environ.get("DATABASE_APP_URL"):
        if not known:
            raise DatabaseTrouble(f"The role {role} of DATABASE_APP_URL does not exist on the server.")
        return
    verb = "ALTER ROLE {} PASSWORD {}" if known else "CREATE ROLE {} LOGIN PASSWORD {}"
    password = sql.Literal(kept_secret("application-role-password"))
    statement = sql.SQL(verb).format(sql.Identifier(role), password)
    try:
        connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseTrouble(
            "The role of DATABASE_URL may not make roles. Make an ordinary role without any rights for the application "
            "and name it in DATABASE_APP_URL."
        ) from error


def _check_chinese_search(connection: psycopg.Connection) -> None:
    """Under the character type "C", pg_trgm takes Chinese for punctuation and finds nothing."""
    encoding, grams = connection.execute(
        "SELECT current_setting('server_encoding'), cardinality(show_trgm('桂林街道'))"
    ).fetchone() or ("", 0)
    if encoding != "UTF8" or not grams:
        raise DatabaseTrouble(
            "This database cannot search Chinese names: create it with ENCODING 'UTF8' and a UTF-8 LC_CTYPE "
            "(such as C.UTF-8 or zh_CN.UTF-8)."
        )
