"""Pages of the administrators: accounts made, secured; the audit read."""

import pytest
from django.test import Client

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.audit.reading import lines
from doorstep.kernel.authority.models import Account
from tests.authority.cast import PASSWORD, make_member, make_places
from tests.sign_in import client_of

pytestmark = pytest.mark.django_db
NEW = "/desk/accounts/new/"


@pytest.fixture(autouse=True)
def places():
    make_places()


def client_for(role: str) -> Client:
    return client_of(make_member(role).account)


def test_an_account_for_somebody_in_office_its_password_shown_once():
    client = client_for("system_administrator")
    officer = make_member("street_officer")
    Account.objects.filter(pk=officer.account.pk).delete()
    page = client.get(NEW, {"q": "street"}).content.decode()
    assert "演示street_officer" in page and "街道工作人员" in page
    answer = client.post(NEW, {"person": officer.person.pk, "username": "Street.One"}).content.decode()
    account = Account.objects.get(username="street.one")
    password = answer.split('<code class="user-select-all">')[2].split("</code>")[0]
    assert account.check_password(password) and account.must_change_password
    assert password not in client.get(NEW).content.decode()


def test_residents_and_those_with_an_account_are_not_proposed():
    client = client_for("system_administrator")
    make_member("resident")
    make_member("merchant")
    assert "没有找到" in client.get(NEW, {"q": "演示"}).content.decode()


@pytest.mark.parametrize(
    "role", ["district_officer", "security_administrator", "audit_administrator", "resident"]
)
def test_nobody_else_makes_accounts(role):
    assert client_for(role).get(NEW).status_code == 404


def test_the_security_administrator_stops_reopens_and_resets():
    client, officer = client_for("security_administrator"), make_member("street_officer", PASSWORD)
    page = f"/desk/accounts/{officer.account.pk}/"
    assert "理由" in client.post(page, {"act": "stop", "reason": " "}, follow=True).content.decode()
    client.post(page, {"act": "stop", "reason": "离职"})
    officer.account.refresh_from_db()
    assert not officer.account.is_active
    client.post(page, {"act": "reopen", "reason": "复职"})
    answer = client.post(page, {"act": "reset", "reason": "忘记密码"}).content.decode()
    officer.account.refresh_from_db()
    password = answer.split('<code class="user-select-all">')[2].split("</code>")[0]
    assert officer.account.is_active and officer.account.check_password(password)
    told = lines(
        Entry.objects.filter(target_id=str(officer.account.pk), key_ref=officer.person.pk).order_by("id")
    )
    assert [one.words["reason"] for one in told] == ["离职", "复职", "忘记密码"]
    assert client.post(page, {"act": "odd", "reason": "x"}).status_code == 404


def test_accounts_are_made_for_people_who_exist_alone():
    client = client_for("system_administrator")
    for odd in ("", "abc", "9" * 30, "²", "0"):
        assert client.post(NEW, {"person": odd, "username": "some.one"}).status_code == 404, odd


def test_a_lock_out_is_ended_before_its_time():
    administrator, officer = client_for("security_administrator"), make_member("merchant", PASSWORD)
    Account.objects.filter(pk=officer.account.pk).update(must_change_password=False)
    anybody = Client()
    for _ in range(5):
        anybody.post("/sign-in/", {"login": "merchant", "password": "wrong"})
    assert anybody.post("/sign-in/", {"login": "merchant", "password": PASSWORD}).status_code == 429
    administrator.post(f"/desk/accounts/{officer.account.pk}/", {"act": "unlock", "reason": "本人到场"})
    assert anybody.post("/sign-in/", {"login": "merchant", "password": PASSWORD}).status_code == 302


def test_the_system_administrator_does_not_secure():
    officer = make_member("street_officer")
    assert client_for("system_administrator").get(f"/desk/accounts/{officer.account.pk}/").status_code == 404


def test_the_registers_of_accounts_and_of_the_audit():
    make_member("street_officer")
    accounts = client_for("security_administrator").get("/desk/r/accounts/").content.decode()
    assert "street_officer" in accounts
    audit = client_for("audit_administrator").get("/desk/r/audit/").content.decode()
    assert "建立账号" in audit
    for role in ("district_officer", "system_administrator"):
        client = client_for(role)
        assert client.get("/desk/r/audit/").status_code == 404, role
    assert client.get("/desk/r/accounts/").status_code == 200


def test_the_state_of_the_chain_is_the_audit_administrators():
    page = client_for("audit_administrator").get("/desk/audit/").content.decode()
    assert "未封存" in page and "还没有封存过" in page
    assert client_for("security_administrator").get("/desk/audit/").status_code == 404
