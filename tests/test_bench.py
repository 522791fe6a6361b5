"""What the bench lays down by hand fits the tables as they are."""

import re
from pathlib import Path

import pytest
from django.db import connection

BENCH = Path(__file__).resolve().parents[1] / "bench"
INSERT = re.compile(r"INSERT INTO (\w+) \(([\w\s,]+)\)")
NEEDED = """SELECT column_name FROM information_schema.columns
    WHERE table_name = %s AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AND is_generated = 'NEVER'"""


def inserts():
    for path in sorted(BENCH.glob("*.py")):
        for table, columns in INSERT.findall(path.read_text()):
            yield pytest.param(table, set(re.split(r"[\s,]+", columns.strip())), id=f"{path.stem}-{table}")


@pytest.mark.django_db
@pytest.mark.parametrize(("table", "columns"), list(inserts()))
def test_no_column_is_left_out(table, columns):
    with connection.cursor() as cursor:
        cursor.execute(NEEDED, [table])
        needed = {name for (name,) in cursor.fetchall()}
    if table.startswith("bench_"):
        assert not needed  # made by the bench itself
    else:
        assert needed and needed <= columns
