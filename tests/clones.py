"""Databases of one test process: cloned, pointed at, dropped."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from django.db import connection
from pytest_django import DjangoDbBlocker

from doorstep.launch import databases

PREFIX = "doorstep_test_"


def own_name(purpose: str) -> str:
    return f"{PREFIX}{os.getpid()}_{purpose}"


@contextlib.contextmanager
def own_database(name: str, template: str) -> Iterator[str]:
    databases.clone(template, name)
    try:
        yield name
    finally:
        databases.drop(name)


@contextlib.contextmanager
def pointed_at(name: str, blocker: DjangoDbBlocker) -> Iterator[None]:
    """Every query goes to `name` for as long as this lasts."""
    usual = connection.settings_dict["NAME"]
    with blocker.unblock():
        point_at(name)
        try:
            yield
        finally:
            point_at(usual)


def point_at(name: str) -> None:
    """Every thread's connection opens on `name` from now on, and so do processes that tests start."""
    connection.close()
    connection.settings_dict["NAME"] = name
    os.environ["DOORSTEP_DATABASE"] = name


def back_from_the_demo() -> None:
    """To this process's empty database, where a test of the demo district was the one before."""
    if connection.settings_dict["NAME"] == own_name("demo"):
        point_at(own_name("main"))


def drop_left_behind() -> None:
    """Databases of test processes that were killed."""
    for name in databases.names(PREFIX):
        owner = int(name.removeprefix(PREFIX).partition("_")[0])
        try:
            os.kill(owner, 0)
        except ProcessLookupError:
            databases.drop(name)
