"""Headers of every answer: nothing of a signed-in person is kept, parts come from this server alone."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from doorstep.kernel.web.frame.headers import AnswerHeaders, content_policy, with_camera
from tests.authority.cast import make_member, make_places
from tests.sign_in import client_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    [
        "/desk/",
        "/desk/r/units/",
        "/desk/r/units/export.csv",
        "/api/places",
    ],
)
def test_answers_to_somebody_signed_in_are_not_kept(address):
    make_places()
    client = client_of(make_member("street_officer").account)
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    assert "script-src 'self';" in answer["Content-Security-Policy"]


def test_a_page_before_sign_in_has_the_policy_too():
    answer = Client().get(reverse("account_login"))
    assert answer.status_code == 200
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]


def test_map_tiles_are_allowed_only_with_a_key(settings):
    settings.TIANDITU_KEY = ""
    assert "tianditu" not in content_policy()
    settings.TIANDITU_KEY = "key"
    assert "https://t0.tianditu.gov.cn" in content_policy()


def test_no_page_may_use_the_camera_but_those_that_scan():
    answer = Client().get(reverse("account_login"))
    assert answer["Permissions-Policy"] == "camera=(), microphone=()"
    page = with_camera(lambda request: HttpResponse())(RequestFactory().get("/"))
    assert page["Permissions-Policy"] == "camera=(self), microphone=()"
    assert AnswerHeaders(lambda request: page)(RequestFactory().get("/"))["Permissions-Policy"].startswith(
        "camera=(self)"
    )
