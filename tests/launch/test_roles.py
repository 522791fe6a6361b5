"""The application's database role owns nothing and can change no table's shape."""

import pytest
from django.db import ProgrammingError, connection


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE sneaky (id int)",
        "CREATE SCHEMA sneaky",
        "ALTER TABLE authority_browsersession ADD COLUMN sneaky int",
        "DROP TABLE authority_browsersession",
        "TRUNCATE authority_browsersession",
        "UPDATE setup.facts SET value = ''",
    ],
)
def test_the_application_role_may_not(statement):
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.django_db
def test_the_application_role_owns_nothing():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user"
        )
        assert cursor.fetchone() == ("doorstep_app", 0)


@pytest.mark.django_db
def test_chinese_names_have_trigrams():
    with connection.cursor() as cursor:
        cursor.execute("SELECT similarity('桂林街道', '桂林街') > 0.4")
        assert cursor.fetchone() == (True,)


def test_a_fresh_database_is_this_tests_own(fresh_database):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone() == (fresh_database,)
