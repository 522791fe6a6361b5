"""From an empty database to the first district officer at work: signed in, a street office founded, its officer appointed."""

from __future__ import annotations

import io
import json
import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.management import call_command
from django.test import Client

from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock
from tests.authority.cast import DISTRICT, STREET, make_places

NEW = "Quince-Tree-2204"
pytestmark = pytest.mark.django_db


def signed_in(username: str, password: str) -> Client:
    """The first sign-in as a person does it: the password changed, the phone's code set up."""
    client = Client()
    client.post("/sign-in/", {"login": username, "password": password})
    client.post("/account/password/", {"oldpassword": password, "password1": NEW, "password2": NEW})
    setting_up = "/account/second-factor/totp/activate/"
    assert client.get("/account/")["Location"] == setting_up
    client.get(setting_up)
    secret = client.session["mfa.totp.secret"]
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    assert client.post(setting_up, {"code": code}).status_code == 302
    return client


def carried(page: str) -> dict[str, str]:
    found = re.search(r'name="shown" value="([^"]+)"', page)
    assert found is not None, page
    return {"shown": found.group(1)}


def test_from_nothing_to_a_street_at_work():
    out = io.StringIO()
    make_places()
    options = [
        "--officer",
        "演示区员",
        "--unit",
        "演示区委",
        "--document",
        "演示〔2026〕1号",
        "--district",
        DISTRICT,
    ]
    call_command("bootstrap_admins", "--format", "json", *options, stdout=out)
    made = {one["post"]: one for one in json.loads(out.getvalue())}

    officer = signed_in(made["district_officer"]["username"], made["district_officer"]["password"])
    assert officer.get("/desk/").status_code == 200
    founding = f"/desk/units/new/?kind=street_office&place={STREET}"
    given = {
        "name": "演示街道办事处",
        "effective_on": clock.today().isoformat(),
        "document": "演示〔2026〕2号",
    }
    preview = officer.post(founding, {**given, "step": "preview"}).content.decode()
    assert officer.post(founding, {**given, **carried(preview), "step": "apply"}).status_code == 302
    office = UnitVersion.objects.get(name="演示街道办事处")

    assert officer.post("/desk/people/new/", {"name": "演示街道员", "place_code": STREET}).status_code == 302
    person = Person.objects.get(name="演示街道员")
    appointed = officer.post(
        f"/desk/units/{office.unit_id}/appoint/",
        {
            "q": "演示街道员",
            "person": person.pk,
            "post": "street_officer",
            "valid_from": clock.today().isoformat(),
        },
    )
    assert appointed.status_code == 302

    administrator = signed_in(
        made["system_administrator"]["username"], made["system_administrator"]["password"]
    )
    page = "/desk/accounts/new/"
    assert "演示街道员" in administrator.get(page, {"q": "演示街道"}).content.decode()
    answer = administrator.post(page, {"person": person.pk, "username": "street1"})
    password = re.search(r"<code[^>]*>([^<]{10,})</code>", answer.content.decode())
    account = Account.objects.get(username="street1")
    assert password is not None and account.check_password(password.group(1))
    assert signed_in("street1", password.group(1)).get("/desk/r/units/").status_code == 200
    assert actor_for(account).places_for("organisations.appoint") == [STREET]
