"""A session brings its account along, once, and only that account."""

from importlib import import_module

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.authority.models import Account, BrowserSession
from doorstep.kernel.authority.sessions import SessionStore, asking, brought_along

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return Account.objects.create_user("sample", "不容易猜的密码2026")


def _statements(client, path="/account/"):
    client.get(path)  # what is kept is read here
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(path).status_code == 200
    return [one["sql"] for one in asked.captured_queries]


def test_session_account_and_person_are_one_question(client, account):
    client.force_login(account)
    asked = _statements(client)
    reading = [sql for sql in asked if '"authority_account"' in sql or '"authority_browsersession"' in sql]
    assert len([sql for sql in reading if sql.startswith("SELECT")]) == 1, reading


def test_a_session_that_does_not_know_its_account_yet_still_opens(client, account):
    client.force_login(account)
    BrowserSession.objects.update(account=None)  # as one taken over from before
    assert client.get("/account/").status_code == 200
    client.logout()
    assert not BrowserSession.objects.filter(account=account).exists()


def test_a_stopped_account_is_out_at_once(client, account):
    client.force_login(account)
    assert client.get("/account/").status_code == 200
    Account.objects.filter(pk=account.pk).update(is_active=False)
    assert client.get("/account/").status_code == 302


def test_another_account_than_the_session_s_is_never_given(account):
    other = Account.objects.create_user("another", "不容易猜的密码2026")
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session.create()
    read = SessionStore(session.session_key)
    assert read[SESSION_KEY] == str(account.pk)
    assert read.account_of(other.pk) is None and read.account_of(None) is None
    with asking(read):
        assert [row[0] for row in brought_along(str(account.pk))] == [account.pk]
        assert brought_along(other.pk) == []
    assert brought_along(account.pk) == []  # nobody asks any more
    unknown = SessionStore()
    unknown["something"] = 1
    unknown.create()
    read = SessionStore(unknown.session_key)
    assert read["something"] == 1 and read.account_of(None) is None


def test_sessions_go_with_their_account_and_with_their_time(account):
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session.set_expiry(-1)
    session.create()
    row = BrowserSession.objects.get(pk=session.session_key)
    assert (row.account, row.get_decoded()) == (account, dict(session.items()))
    SessionStore.clear_expired()
    assert not BrowserSession.objects.exists()
    session.set_expiry(60)
    session.create()
    account.delete()
    assert not BrowserSession.objects.exists()


def test_sessions_of_before_are_taken_over_and_learn_their_account(client, account):
    client.force_login(account)
    take_over = import_module("doorstep.kernel.authority.migrations.0004_sessions").TAKE_OVER
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE django_session AS"
            " SELECT session_key, session_data, expire_date FROM authority_browsersession"
        )
        cursor.execute("INSERT INTO django_session VALUES ('over', 'x', now() - interval '1 day')")
        BrowserSession.objects.all().delete()
        cursor.execute(take_over)
        cursor.execute("SELECT to_regclass('django_session')")
        assert cursor.fetchone() == (None,)
    taken = BrowserSession.objects.get()
    assert taken.account is None and client.get("/account/").status_code == 200
    session = client.session
    session["something"] = 1
    session.save()
    assert BrowserSession.objects.get().account == account


def test_a_changed_password_ends_the_session(client, account):
    client.force_login(account)
    assert client.get("/account/").status_code == 200
    account.set_password("另一个不容易猜的密码2026")
    account.save()
    assert client.get("/account/").status_code == 302


def test_what_was_changed_in_the_table_opens_nothing(client, account):
    client.force_login(account)
    assert client.get("/account/").status_code == 200
    row = BrowserSession.objects.get()
    BrowserSession.objects.update(
        session_data=row.session_data[:-1] + ("A" if row.session_data[-1] != "A" else "B")
    )
    assert client.get("/account/").status_code == 302
