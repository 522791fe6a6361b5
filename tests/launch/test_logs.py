"""Logs tell what went wrong and never quote a row."""

from __future__ import annotations

import logging
import sys

import pytest
from django.db import IntegrityError, connection, transaction


def written(message: str, *values: object) -> str:
    """What the platform's handler writes of the exception being handled."""
    handler = next(one for one in logging.getLogger("django").handlers if type(one) is logging.StreamHandler)
    return handler.format(
        logging.LogRecord("django.request", logging.ERROR, __file__, 1, message, values, sys.exc_info())
    )


@pytest.mark.django_db
@pytest.mark.parametrize("parts", [["演示甲一"], ["演示甲一", "演示甲二"]])
def test_a_refused_row_is_not_quoted(parts: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE names (name text, born date NOT NULL)")
        try:
            with transaction.atomic():
                cursor.execute("INSERT INTO names VALUES (%s, NULL)", ["\n".join(parts)])
        except IntegrityError as wrong:
            assert all(part in str(wrong) for part in parts)
            text = written("row %s: %s", 7, wrong)
    assert "演示甲" not in text and "DETAIL" not in text
    assert "row 7" in text and "IntegrityError" in text and "Traceback" in text and "born" in text
