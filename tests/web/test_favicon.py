"""A browser that asks for an icon by itself, beside a text or a file, finds one."""

import pytest
from django.contrib.staticfiles import finders
from django.templatetags.static import static


@pytest.mark.django_db
def test_an_icon_is_where_browsers_look(client):
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Location"]) == (302, static("web/icons/any-192.png"))
    assert finders.find("web/icons/any-192.png") and "max-age" in answer["Cache-Control"]
