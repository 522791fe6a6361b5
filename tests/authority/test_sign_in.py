"""Signing in as people meet it: password, second factor, lock-out, time-out, the demo cast."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.management import call_command
from django.db import connection
from django.test import Client

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.audit.reading import lines
from doorstep.kernel.authority.demo_cast import tell_loading
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.services import NewAccount, create_accounts
from doorstep.kernel.declarations.navigation import declare_first_page, first_page_of
from tests.authority.cast import PASSWORD, SYSTEM, make_member, make_places

pytestmark = pytest.mark.django_db
SIGN_IN, PRIVATE = "/sign-in/", "/account/second-factor/"


@pytest.fixture(autouse=True)
def places():
    make_places()


@pytest.fixture
def resident():
    member = make_member("resident", PASSWORD)
    _settled(member.account)
    return member


@pytest.fixture
def officer():
    member = make_member("street_officer", PASSWORD)
    _settled(member.account)
    return member


def _settled(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(must_change_password=False)


def sign_in(client: Client, username: str, password: str = PASSWORD):
    return client.post(SIGN_IN, {"login": username, "password": password})


def with_second_factor(account: Account) -> str:
    secret = generate_totp_secret()
    TOTP.activate(account, secret)
    return secret


def code_of(secret: str, step: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


def test_the_form_is_chinese_and_says_where_help_is(client):
    page = client.get(SIGN_IN).content.decode()
    for words in ("账号", "密码", "忘记密码", "安全管理员"):
        assert words in page
    assert "Sign" not in page and "一键登录" not in page


def test_a_resident_signs_in_and_out(client, resident):
    assert sign_in(client, "Resident").status_code == 302  # capitals do not matter
    assert client.get(PRIVATE).status_code == 200
    assert client.post("/sign-out/").status_code == 302
    assert client.get(PRIVATE)["Location"].startswith(SIGN_IN)
    acts = Entry.objects.filter(action__startswith="authority.sign").order_by("id")
    assert [(told.entry.action, told.who) for told in lines(acts)] == [
        ("authority.sign_in", ""),
        ("authority.sign_out", ""),
    ]


def test_a_wrong_password_is_said_plainly_and_kept(client, resident):
    page = sign_in(client, "resident", "wrong").content.decode()
    assert "账号或密码不对" in page
    assert (
        Entry.objects.filter(action="authority.sign_in_failed", target_id=str(resident.account.pk)).count()
        == 1
    )
    assert "账号或密码不对" in sign_in(client, "nobody-here", "wrong").content.decode()


def test_the_account_is_locked_and_the_page_says_how_long(client, resident):
    for name in ("resident", "RESIDENT", "Resident", " resident"):
        sign_in(client, name, "wrong")
    answer = sign_in(client, "resident", "wrong")
    assert answer.status_code == 429
    assert "请在 15 分钟后再试" in answer.content.decode()
    right = sign_in(client, "resident")
    assert right.status_code == 429 and "暂时锁定" in right.content.decode()
    assert client.get(PRIVATE).status_code == 302
    other = make_member("merchant", PASSWORD)
    _settled(other.account)
    assert sign_in(client, "merchant").status_code == 302  # one account's failures lock no other


def test_staff_reach_nothing_before_they_have_a_second_factor(client, officer):
    sign_in(client, "street_officer")
    for path in ("/account/", PRIVATE, "/"):
        assert client.get(path).status_code in (302, 404), path
    assert client.get(PRIVATE)["Location"] == "/account/second-factor/totp/activate/"
    page = client.get("/account/second-factor/totp/activate/")
    assert "请先在手机上设置" in page.content.decode()
    secret = client.session["mfa.totp.secret"]
    answer = client.post("/account/second-factor/totp/activate/", {"code": code_of(secret)})
    assert answer["Location"] == "/account/second-factor/recovery-codes/"
    assert client.get(answer["Location"]).content.decode().count("<code>") == 10
    assert client.get(PRIVATE).status_code == 200


def test_the_seed_of_a_second_factor_is_not_in_clear(officer):
    secret = with_second_factor(officer.account)
    assert secret not in str(Authenticator.objects.get().data)


def test_a_second_factor_survives_a_new_master_key(client, officer, settings):
    secret = with_second_factor(officer.account)
    settings.OLD_MASTER_KEY, settings.MASTER_KEY = settings.MASTER_KEY, bytes(range(32))
    call_command("reseal_people")
    settings.OLD_MASTER_KEY = b""
    sign_in(client, "street_officer")
    client.post("/account/second-factor/authenticate/", {"code": code_of(secret)})
    assert client.get(PRIVATE).status_code == 200


def test_the_second_factor_is_asked_at_every_sign_in(client, officer):
    secret = with_second_factor(officer.account)
    assert sign_in(client, "street_officer")["Location"] == "/account/second-factor/authenticate/"
    assert client.get(PRIVATE)["Location"].startswith(SIGN_IN)
    bad = client.post("/account/second-factor/authenticate/", {"code": "000000"})
    assert "验证码不对" in bad.content.decode()
    assert client.get(PRIVATE).status_code == 302
    client.post("/account/second-factor/authenticate/", {"code": code_of(secret)})
    assert client.get(PRIVATE).status_code == 200


def test_a_code_is_taken_once(officer):
    secret = with_second_factor(officer.account)
    code = code_of(secret)
    for expected in (200, 302):
        client = Client()
        sign_in(client, "street_officer")
        client.post("/account/second-factor/authenticate/", {"code": code})
        assert client.get(PRIVATE).status_code == expected


def test_a_code_is_taken_once_for_as_long_as_the_clock_would_take_it(officer):
    """A code is good for a minute and a half, since clocks differ; the library forgets its use after half a minute."""
    secret = with_second_factor(officer.account)
    code = code_of(secret, 1)
    for expected in (200, 302):
        client = Client()
        sign_in(client, "street_officer")
        client.post("/account/second-factor/authenticate/", {"code": code})
        assert client.get(PRIVATE).status_code == expected
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM authority_shared_cache WHERE key LIKE %s", ["%allauth.mfa.totp.used%"]
            )
            assert cursor.rowcount == 1


def test_staff_cannot_put_the_second_factor_away(client, officer):
    secret = with_second_factor(officer.account)
    sign_in(client, "street_officer")
    client.post("/account/second-factor/authenticate/", {"code": code_of(secret)})
    answer = client.post("/account/second-factor/totp/deactivate/")
    assert "不能停用" in answer.content.decode()
    assert Authenticator.objects.filter(type="totp").exists()


def test_who_signed_in_a_while_ago_confirms_first(client, officer):
    secret = with_second_factor(officer.account)
    sign_in(client, "street_officer")
    client.post("/account/second-factor/authenticate/", {"code": code_of(secret, -1)})
    session = client.session
    session["signed_in_at"] -= 600
    session.save()
    there = "/account/second-factor/recovery-codes/generate/"
    answer = client.get(there)
    assert answer["Location"].startswith("/sign-in/confirm/")
    assert "密码不对" in client.post(answer["Location"], {"password": "wrong"}).content.decode()
    assert client.post(answer["Location"], {"password": PASSWORD})["Location"] == there


def test_a_given_password_must_be_changed_first(client):
    make_member("resident", PASSWORD)
    sign_in(client, "resident")
    assert client.get(PRIVATE)["Location"] == "/account/password/"
    form = {"oldpassword": PASSWORD, "password1": PASSWORD, "password2": PASSWORD}
    assert "不能与现在的密码相同" in client.post("/account/password/", form).content.decode()
    for weak in ("short-A1", "onlylowercaseletters", "Password123!"[:8] + "aa"):
        answer = client.post("/account/password/", form | {"password1": weak, "password2": weak})
        assert answer.status_code == 200, weak
    better = "Pear-Tree-1704"
    assert (
        client.post("/account/password/", form | {"password1": better, "password2": better}).status_code
        == 302
    )
    assert client.get(PRIVATE).status_code == 200
    assert Entry.objects.filter(action="authority.change_password").exists()


def test_an_old_password_of_staff_must_be_changed(client, officer, settings):
    secret = with_second_factor(officer.account)
    sign_in(client, "street_officer")
    client.post("/account/second-factor/authenticate/", {"code": code_of(secret)})
    settings.STAFF_PASSWORD_DAYS = -1
    assert client.get(PRIVATE)["Location"] == "/account/password/"


@pytest.mark.parametrize(("role", "minutes", "lasts"), [("resident", 60, True), ("resident", 21000, False)])
def test_idle_sessions_end(client, resident, role, minutes, lasts):
    sign_in(client, role)
    client.get(PRIVATE)
    session = client.session
    session["seen_at"] -= minutes * 60
    session.save()
    answer = client.get(PRIVATE)
    assert (answer.status_code == 200) == lasts
    if not lasts:
        assert answer["Location"] == f"{SIGN_IN}?next={PRIVATE}"
        assert "已自动退出" in client.get(answer["Location"]).content.decode()


def test_idle_sessions_of_staff_end_after_half_an_hour(client, officer):
    secret = with_second_factor(officer.account)
    sign_in(client, "street_officer")
    client.post("/account/second-factor/authenticate/", {"code": code_of(secret)})
    client.get(PRIVATE)
    for minutes, status in ((29, 200), (31, 302)):
        session = client.session
        session["seen_at"] = time.time() - minutes * 60
        session.save()
        assert client.get(PRIVATE).status_code == status


def test_a_part_of_a_page_sends_the_whole_page_to_the_sign_in(client, resident):
    sign_in(client, "resident")
    client.get(PRIVATE)
    session = client.session
    session["seen_at"] = 0
    session.save()
    answer = client.get(PRIVATE, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"].startswith(SIGN_IN)


def test_a_stopped_account_is_out_with_its_next_page(client, resident):
    sign_in(client, "resident")
    Account.objects.update(is_active=False)
    assert client.get(PRIVATE)["Location"].startswith(SIGN_IN)
    assert sign_in(client, "resident")["Location"] == "/sign-in/inactive/"


def test_nobody_makes_an_account_for_themselves(client):
    for path in ("/signup/", "/sign-in/signup/", "/account/email/", "/account/password/reset/"):
        assert client.get(path).status_code == 404


@pytest.fixture
def demo_officer():
    member = make_member("community_secretary", is_demo=True)
    return member.account


def test_the_demo_cast_does_not_exist_outside_demo(client, demo_officer, settings):
    settings.DEMO = False
    assert client.get("/demo/").status_code == 404
    assert client.post("/demo/sign-in/", {"username": "community_secretary"}).status_code == 404


def test_one_click_signs_in_without_a_second_factor(client, demo_officer, settings):
    settings.DEMO = True
    page = client.get("/demo/").content.decode()
    assert "社区党组织书记" in page and "演示community210202005011" in page
    assert client.get("/demo/sign-in/").status_code == 405
    assert client.post("/demo/sign-in/", {"username": "community_secretary"}).status_code == 302
    assert client.get(PRIVATE).status_code == 200
    assert Entry.objects.get(action="authority.sign_in").changes == {"way": "demo"}
    assert client.get("/account/password/").status_code == 302  # there is none to change
    settings.DEMO = False
    assert client.get(PRIVATE)["Location"].startswith(SIGN_IN)


def test_the_cast_stands_in_groups_and_hears_what_is_still_to_come(client, settings):
    settings.DEMO = True
    for role in ("community_secretary", "merchant"):
        make_member(role, is_demo=True)
    Account.objects.create_user("someone", is_demo=True)
    page = client.get("/demo/").content.decode()
    headings = [
        page.index(words)
        for words in ("居民和党员（手机）", "社区、街道、区和部门", "单位、物业、商户和队伍")
    ]
    assert headings == sorted(headings) and "练习区" not in page and "正在后台装入" not in page
    tell_loading(3, 7)
    assert "7 部分里已有 3 部分" in client.get("/demo/").content.decode()
    tell_loading(7, 7)
    assert "正在后台装入" not in client.get("/demo/").content.decode()


@pytest.mark.parametrize(
    ("role", "address"),
    [
        ("community_secretary", "/desk/"),
        ("merchant", "/merchant/"),
        ("grid_worker", "/patrol/"),
        ("resident", "/"),
    ],
)
def test_everybody_begins_where_their_work_is(client, settings, role, address):
    settings.DEMO = True
    make_member(role, is_demo=True)
    assert client.post("/demo/sign-in/", {"username": role})["Location"] == address
    assert client.get(address).status_code == 200


def test_who_has_other_posts_too_begins_on_their_work():
    shop = first_page_of(frozenset({"merchant_manager", "merchant_clerk"}))
    assert shop is not None and shop.url == "volunteering:merchant"
    assert first_page_of(frozenset({"grid_worker", "branch_committee_member"})) is None
    assert first_page_of(frozenset()) is None
    with pytest.raises(RuntimeError, match="volunteering:merchant"):
        declare_first_page("desk:work", "merchant_clerk")


def test_the_button_signs_in_nobody_real(client, officer, settings):
    settings.DEMO = True
    assert client.post("/demo/sign-in/", {"username": "street_officer"}).status_code == 404


def test_the_button_needs_its_token(demo_officer, settings):
    settings.DEMO = True
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/demo/sign-in/", {"username": "community_secretary"}).status_code == 403


def test_the_cast_page_asks_few_questions(client, settings, django_assert_max_num_queries):
    settings.DEMO = True
    people = [make_member(role) for role in ("grid_worker", "merchant")]
    Account.objects.filter(pk__in=[one.account.pk for one in people]).update(is_demo=True)
    assert create_accounts(actor=SYSTEM, accounts=list[NewAccount]()) == []
    with django_assert_max_num_queries(6):
        client.get("/demo/")
