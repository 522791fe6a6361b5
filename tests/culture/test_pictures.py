"""Pictures of events: made anew, public only with consent, hidden at a wish, gone when taken down; what is no picture."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from doorstep.kernel.access.actors import ANONYMOUS
from doorstep.kernel.activities.models import Session
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.modules.culture import selectors, services_pictures
from doorstep.modules.culture.models import Picture
from tests.culture.world import World, held, planned_session
from tests.matters.uploads import PLACE, claimed_png, pdf, photo, upload, workbook
from tests.sign_in import client_of

CONSENT = "现场告知，举手同意"


def added(
    world: World, session: Session, content: bytes | None = None, name: str = "IMG_1.jpg", **more: Any
) -> Picture:
    return services_pictures.add_picture(
        actor=world.actor(more.pop("who", "secretary")), session_id=session.pk,
        upload=upload(name, photo() if content is None else content), **more,
    )  # fmt: skip


def seen(world: World, row: Picture, who: str = "", small: bool = False) -> int:
    """The status with which the picture is answered; each signs in once for a test."""
    kept: dict[str, Client] = world.__dict__.setdefault("clients", {})
    if who not in kept:
        kept[who] = client_of(world.accounts[who]) if who else Client()
    return kept[who].get(f"/culture/pictures/{row.pk}{'-small' if small else ''}.jpg").status_code


def test_a_picture_is_made_anew_large_and_small(world: World) -> None:
    row = added(world, held(world), photo((3000, 2000)), consent=CONSENT, caption="百家宴 🎉")
    row.refresh_from_db()
    assert (row.width, row.height) == (2048, 1365)
    for content, longest in ((row.content, 2048), (row.small, 320)):
        data = bytes(content)
        assert PLACE not in data and b"DemoPhone" not in data and b"Exif" not in data
        with Image.open(io.BytesIO(data)) as picture:
            assert picture.format == "JPEG" and max(picture.size) == longest and not picture.getexif()


def test_without_consent_only_office_sees_it(world: World) -> None:
    session = held(world)
    row = added(world, session)
    assert [seen(world, row, who) for who in ("", "resident", "outsider", "secretary", "street")] == [
        404,
        404,
        404,
        200,
        200,
    ]
    assert list(selectors.public_pictures(session.pk)) == []
    with pytest.raises(RuleViolation) as refused:
        services_pictures.allow_picture(actor=world.actor("secretary"), picture_id=row.pk, consent="  ")
    assert refused.value.field == "consent"
    services_pictures.allow_picture(actor=world.actor("secretary"), picture_id=row.pk, consent=CONSENT)
    assert [seen(world, row, who, small) for who in ("", "resident") for small in (False, True)] == [200] * 4


def test_how_it_is_served(world: World) -> None:
    row = added(world, held(world), consent=CONSENT)
    answer = Client().get(f"/culture/pictures/{row.pk}.jpg")
    assert answer["Content-Type"] == "image/jpeg" and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "public, no-cache" and "sandbox" in answer["Content-Security-Policy"]
    again = Client().get(f"/culture/pictures/{row.pk}.jpg", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304 and not again.content
    services_pictures.take_down(actor=world.actor("secretary"), picture_id=row.pk)
    gone = Client().get(f"/culture/pictures/{row.pk}.jpg", headers={"If-None-Match": answer["ETag"]})
    assert gone.status_code == 404


def test_anybody_signed_in_may_ask_and_it_is_hidden_at_once(world: World) -> None:
    session = held(world)
    row = added(world, session, consent=CONSENT)
    url = f"/culture/pictures/{row.pk}/down/"
    assert Client().post(url)["Location"].endswith(f"?next=/culture/event/{session.pk}/")
    asking = world.__dict__.setdefault("clients", {})["resident"] = client_of(world.accounts["resident"])
    assert asking.post(url).status_code == 302
    assert [seen(world, row), seen(world, row, "resident")] == [404, 404]
    (waiting,) = selectors.pictures_waiting(world.actor("secretary"))
    assert waiting.pk == row.pk
    services_pictures.ask_down(
        actor=world.actor("resident"), picture_id=row.pk
    )  # a second wish changes nothing
    services_pictures.allow_picture(actor=world.actor("secretary"), picture_id=row.pk, consent="本人又同意了")
    assert seen(world, row) == 200
    with pytest.raises(NotVisible):
        services_pictures.ask_down(actor=ANONYMOUS, picture_id=row.pk)


def test_of_an_event_that_is_not_public_it_does_not_exist_for_others(world: World) -> None:
    row = added(world, held(world, is_public=False), consent=CONSENT)
    url = f"/culture/pictures/{row.pk}/down/"
    clients = {who: client_of(world.accounts[who]) for who in ("resident", "outsider", "secretary")}
    assert Client().post(url).status_code == 404
    assert [clients[who].post(url).status_code for who in ("resident", "outsider")] == [404, 404]
    row.refresh_from_db()
    assert row.asked_down_at is None
    assert clients["secretary"].post(url)["Location"] == f"/desk/culture/events/{row.session_id}/"
    row.refresh_from_db()
    assert row.asked_down_at is not None


def test_taken_down_its_bytes_are_gone(world: World) -> None:
    session = held(world)
    row = added(world, session, consent=CONSENT, caption="合影")
    services_pictures.take_down(actor=world.actor("secretary"), picture_id=row.pk)
    row.refresh_from_db()
    assert (bytes(row.content), bytes(row.small), row.caption) == (b"", b"", "")
    assert [seen(world, row, who) for who in ("", "secretary")] == [404, 404]
    for act in (services_pictures.take_down, services_pictures.ask_down):
        with pytest.raises((Conflict, NotVisible)):
            act(actor=world.actor("secretary"), picture_id=row.pk)
    assert added(world, session).pk != row.pk  # the same may come again


def test_the_same_file_twice_is_one(world: World) -> None:
    session = held(world)
    assert added(world, session) == added(world, session, name="again.jpg")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jpg", pdf()), ("a.pdf", pdf()), ("a.xlsx", workbook()), ("a.jpg", b""), ("a.jpg", b"<svg onload=alert(1)>"),
        ("a.png", claimed_png(60_000, 60_000)), ("a.png", claimed_png(16_000, 3_900)), ("a.jpg", photo()[:500]),
        ("a.html", b"<html><script>alert(1)</script>"), ("../../a.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 40),
    ],
    ids=["pdf named jpg", "pdf", "workbook", "empty", "svg", "bomb", "memory", "cut off", "html", "torn"],
)  # fmt: skip
def test_what_is_no_picture_is_refused_in_words(world: World, name: str, content: bytes) -> None:
    session = held(world)
    with pytest.raises(RuleViolation) as refused:
        added(world, session, content, name=name)
    assert refused.value.field == "file" and str(refused.value.message)
    assert not Picture.objects.exists()


def test_too_large_and_too_many(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session = held(world)
    settings.ATTACHMENT_BYTES = 100
    with pytest.raises(RuleViolation):
        added(world, session)
    settings.ATTACHMENT_BYTES = 20 * 2**20
    monkeypatch.setattr(services_pictures, "MOST", 2)
    added(world, session, photo((40, 40)))
    added(world, session, photo((50, 50)))
    with pytest.raises(RuleViolation) as refused:
        added(world, session, photo((60, 60)))
    assert "2" in str(refused.value.message)


@pytest.mark.parametrize("field", ["caption", "consent"])
def test_long_words_are_refused(world: World, field: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        added(world, held(world), **{field: "长" * 20_000})
    assert refused.value.field == field and not Picture.objects.exists()


def test_not_before_the_event_and_not_for_strangers(world: World) -> None:
    with pytest.raises(RuleViolation):
        added(world, planned_session(world))
    session = held(world)
    for who in ("outsider", "resident", "property"):
        with pytest.raises(NotVisible):
            added(world, session, who=who)
    committees_worker = added(world, session, who="worker")  # of the unit that organises it
    assert committees_worker.added_by_id == world.people["worker"].pk
