"""Signing in by a code sent to a phone: who comes in, who does not, and how much of it may be tried."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.services import deactivate_account
from doorstep.kernel.people import services as people
from doorstep.kernel.people.erasure import erase_person
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.selectors import has_consent
from doorstep.kernel.people.services import register_person
from doorstep.surfaces.doorway import one_time_codes, services_sign_in
from doorstep.surfaces.doorway.models import PhoneSignIn
from tests.chain import world as district

PHONE, OTHER = "13900000001", "13900000002"
SYSTEM = system_actor("test")


@pytest.fixture(autouse=True)
def sms(db, settings, tmp_path: Path) -> Path:
    settings.SMS_FILE = tmp_path / "sms.jsonl"
    cache.clear()
    return settings.SMS_FILE


def code_in(sms: Path) -> str:
    line = json.loads(sms.read_text("utf-8").splitlines()[-1])
    found = re.search(r"\d{6}", line["text"])
    assert found
    return found[0]


def asked(client: Client, sms: Path, phone: str = PHONE, **more) -> str:
    cache.clear()
    answer = client.post("/sign-in/phone/", {"phone": phone} | more)
    assert answer.status_code == 302, html.unescape(answer.content.decode())
    return code_in(sms)


def come_in(client: Client, sms: Path, phone: str = PHONE, name: str = "演示新居民", agrees: str = "1"):
    code = asked(client, sms, phone)
    answer = client.post("/sign-in/phone/code/", {"code": code})
    if answer.headers.get("Location") == "/sign-in/phone/name/":
        answer = client.post("/sign-in/phone/name/", {"name": name, "agrees": agrees})
    return answer


def who(client: Client) -> Account | None:
    number = client.session.get("_auth_user_id")
    return Account.objects.get(pk=number) if number else None


def text_of(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:1500]
    return html.unescape(answer.content.decode())


def test_a_new_phone_makes_an_account_with_the_least_data_and_consent(client, world, sms):
    building = next(iter(world.buildings.values()))[0]
    client.post(f"/door/{building.pk}/keep/")
    assert come_in(client, sms).headers["Location"] == "/mine/"
    account = who(client)
    assert account and account.person and account.person.name == "演示新居民"
    assert account.person.place_code == building.place_code and account.person.identity_sealed is None
    assert not account.has_usable_password() and account.email == ""
    assert has_consent(account.person.pk, services_sign_in.PURPOSE)
    assert Entry.objects.filter(action="authority.sign_in", changes__way="code").exists()
    assert PHONE not in str(list(Entry.objects.values_list("changes", flat=True)))


def test_the_second_time_the_code_alone_is_enough(client, world, sms):
    come_in(client, sms)
    first = who(client)
    client.logout()
    come_in(client, sms, name="不会问到")
    assert who(client) == first and Account.objects.filter(person__name="演示新居民").count() == 1


def test_one_is_led_back_to_where_one_was_and_nowhere_else(client, world, sms):
    code = asked(client, sms, next="/report/")
    client.post("/sign-in/phone/code/", {"code": code})
    answer = client.post("/sign-in/phone/name/", {"name": "演示新居民", "agrees": "1"})
    assert answer.headers["Location"] == "/report/"
    client.logout()
    code = asked(client, sms, next="https://elsewhere.example/")
    assert client.post("/sign-in/phone/code/", {"code": code}).headers["Location"] == "/mine/"


def test_without_consent_nobody_is_registered(client, world, sms):
    before = Person.objects.count()
    assert "须同意" in text_of(come_in(client, sms, agrees=""), 422)
    assert who(client) is None and Person.objects.count() == before


def test_the_code_is_kept_as_a_hash_and_not_the_number(client, world, sms):
    from django.db import connection

    code = asked(client, sms)
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, value FROM authority_shared_cache")
        kept = str(cursor.fetchall())
    assert code not in kept and PHONE not in kept
    assert PHONE not in str(dict(client.session)) and code not in str(dict(client.session))


def test_a_wrong_code_five_times_and_the_right_one_is_void(client, world, sms):
    code = asked(client, sms)
    wrong = "000000" if code != "000000" else "111111"
    for left in (4, 3, 2, 1):
        assert f"还可以试 {left} 次" in text_of(client.post("/sign-in/phone/code/", {"code": wrong}), 422)
    assert "请重新获取" in text_of(client.post("/sign-in/phone/code/", {"code": wrong}), 422)
    assert "已作废" in text_of(client.post("/sign-in/phone/code/", {"code": code}), 422)
    assert who(client) is None


def test_a_code_opens_once_and_only_in_the_browser_that_asked(client, world, sms):
    code = asked(client, sms)
    stranger = Client()
    assert stranger.post("/sign-in/phone/code/", {"code": code}).headers["Location"] == "/sign-in/phone/"
    asked_session = client.session["doorway_code"]
    assert client.post("/sign-in/phone/code/", {"code": code}).status_code == 302
    with pytest.raises(one_time_codes.RuleViolation, match=r"不对|用过"):
        one_time_codes.use_code(asked_session["ticket"], PHONE, code)


def test_a_code_ends_after_five_minutes(client, world, sms):
    from django.db import connection

    code = asked(client, sms)
    with connection.cursor() as cursor:
        kept = f"%:code:{client.session['doorway_code']['ticket']}"
        cursor.execute(
            "SELECT expires - clock_timestamp() FROM authority_shared_cache WHERE key LIKE %s", [kept]
        )
        (left,) = cursor.fetchone()
        assert dt.timedelta(minutes=4, seconds=50) < left <= dt.timedelta(minutes=5)
        cursor.execute(
            "UPDATE authority_shared_cache SET expires = clock_timestamp() WHERE key LIKE '%:code:%'"
        )
    assert "已过期" in text_of(client.post("/sign-in/phone/code/", {"code": code}), 422)


def test_codes_to_one_number_are_limited_in_words(client, world, sms):
    client.post("/sign-in/phone/", {"phone": PHONE})
    assert "请过一分钟再要" in text_of(client.post("/sign-in/phone/", {"phone": PHONE}), 422)
    for _time in range(one_time_codes.CODES_PER_HOUR):
        cache.delete(f"code:pause:{one_time_codes._hash('pause', PHONE, '')}")
        answer = client.post("/sign-in/phone/", {"phone": PHONE})
    assert "一小时内要得太多" in text_of(answer, 422)
    assert len(sms.read_text("utf-8").splitlines()) == one_time_codes.CODES_PER_HOUR


def test_codes_from_one_address_are_limited(client, world, sms):
    answers = [
        client.post("/sign-in/phone/", {"phone": f"1391111{number:04}"})
        for number in range(one_time_codes.CODES_PER_ADDRESS + 1)
    ]
    assert answers[-2].status_code == 302 and "这个网络" in text_of(answers[-1], 422)


@pytest.mark.parametrize("phone", ["", "12345", "0411-80000000", "abc", "１３９", "139000000011", "😀"])
def test_what_is_no_mobile_number_is_said(client, world, sms, phone):
    assert text_of(client.post("/sign-in/phone/", {"phone": phone}), 422)
    assert not sms.exists()


def test_a_message_that_cannot_be_handed_over_is_said(client, world, sms, settings):
    sms.mkdir(parents=True)  # the provider cannot write there
    assert "短信没有发出去" in text_of(client.post("/sign-in/phone/", {"phone": PHONE}), 422)


def test_whom_the_community_knows_goes_on_by_giving_the_same_name(client, world, sms):
    known = register_person(actor=SYSTEM, name="演示老住户", place_code=district.ONE, phone=PHONE)
    come_in(client, sms, name="演示老住户")
    account = who(client)
    assert account and account.person == known and has_consent(known.pk, services_sign_in.PURPOSE)


def test_a_number_alone_does_not_show_whom_the_community_knows(client, world, sms):
    known = register_person(actor=SYSTEM, name="演示老住户", place_code=district.ONE, phone=PHONE)
    code = asked(client, sms)
    answer = client.post("/sign-in/phone/code/", {"code": code}, follow=True)
    assert "演示老住户" not in text_of(answer)
    client.post("/sign-in/phone/name/", {"name": "演示别人", "agrees": "1"})
    account = who(client)
    assert account and account.person != known


def test_a_number_typed_into_ones_data_opens_nothing(client, world, sms):
    """Otherwise somebody could lie in wait in another's number and read what they report."""
    come_in(client, sms, PHONE, "演示潜伏")
    lurking = who(client)
    assert lurking and lurking.person
    client.post("/account/phone/", {"phone": OTHER})
    victim = Client()
    come_in(victim, sms, OTHER, "演示潜伏")
    assert who(victim) not in (None, lurking)


def test_another_number_is_taken_by_proving_it(client, world, sms):
    come_in(client, sms)
    account = who(client)
    assert "更换手机号" in text_of(client.get("/account/"))
    cache.clear()
    client.post("/account/phone/change/", {"phone": OTHER})
    client.post("/sign-in/phone/code/", {"code": code_in(sms)})
    client.logout()
    come_in(client, sms, OTHER)
    assert who(client) == account
    stranger = Client()
    come_in(stranger, sms, PHONE, "演示号码的新主人")
    assert who(stranger) != account


def test_after_three_months_the_name_is_asked_again(client, world, sms):
    come_in(client, sms)
    account = who(client)
    client.logout()
    row = PhoneSignIn.objects.get()
    row.last_at -= dt.timedelta(days=services_sign_in.DORMANT_DAYS + 1)
    row.save()
    new_owner = Client()
    come_in(new_owner, sms, PHONE, "演示号码的新主人")
    assert who(new_owner) != account
    PhoneSignIn.objects.filter(account=account).update(last_at=row.last_at)
    cache.clear()
    come_in(client, sms, PHONE, "演示新居民")
    assert who(client) in (account, who(new_owner))


def test_staff_do_not_come_in_by_a_code(client, world, sms):
    from doorstep.kernel.organisations import services as organisations

    come_in(client, sms)
    account = who(client)
    assert account and account.person_id
    organisations.appoint(
        actor=SYSTEM, person_id=account.person_id, post="community_secretary",
        unit_id=world.communities[district.ONE].pk, valid_from=district.TODAY,
    )  # fmt: skip
    assert client.get("/desk/").headers["Location"].startswith("/sign-in/")
    assert who(client) is None
    assert "请用账号和密码登录" in text_of(come_in(client, sms), 422)
    assert who(client) is None


def test_a_stopped_account_is_not_got_round(client, world, sms):
    come_in(client, sms)
    account = who(client)
    assert account
    deactivate_account(actor=SYSTEM, account=account, reason="演示")
    assert "已停用" in text_of(come_in(client, sms), 422)
    assert Account.objects.filter(person__name="演示新居民").count() == 1


def test_withdrawn_consent_is_asked_for_again(client, world, sms):
    come_in(client, sms)
    account = who(client)
    client.post("/account/consent/", {"purpose": services_sign_in.PURPOSE, "give": "0"})
    client.logout()
    answer = come_in(client, sms, agrees="")
    assert "须同意" in text_of(answer, 422)
    client.post("/sign-in/phone/name/", {"name": "演示新居民", "agrees": "1"})
    assert who(client) == account


def test_an_erased_person_leaves_nothing_of_the_phone(client, world, sms):
    come_in(client, sms)
    account = who(client)
    assert account and account.person
    erase_person(actor=SYSTEM, person=account.person, ground="asked")
    assert not PhoneSignIn.objects.exists()
    again = Client()
    come_in(again, sms)
    assert who(again) not in (None, account)


def test_what_is_kept_of_the_sign_in_is_shown_to_its_person(client, world, sms):
    come_in(client, sms)
    assert "手机号登录" in text_of(client.post("/account/data/"))


def test_a_demonstration_says_where_the_code_is_and_never_the_code(client, world, sms, settings):
    settings.DEMO = True
    code = asked(client, sms)
    text = text_of(client.get("/sign-in/phone/code/"))
    assert str(sms) in text and code not in text and PHONE not in text
    settings.DEMO = False
    assert str(sms) not in text_of(client.get("/sign-in/phone/code/"))


def test_correcting_the_phone_in_office_stops_the_old_number(client, world, sms):
    come_in(client, sms)
    account = who(client)
    assert account and account.person
    people.correct_person(actor=SYSTEM, person=account.person, phone=OTHER, reason="演示")
    stranger = Client()
    come_in(stranger, sms, PHONE, "演示别人")
    assert who(stranger) != account
