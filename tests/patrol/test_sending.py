"""Actions as a phone sends them: once each, in its order, in whose session they belong; refusals in words."""

from __future__ import annotations

import datetime as dt
import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters.models import Attachment, History, Matter, Remark
from doorstep.kernel.matters.services import apply_transition
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.shared import clock
from doorstep.modules.grids.models import Visit
from doorstep.modules.requests.models import Request
from doorstep.surfaces.patrol.actions import KEPT_DAYS, forget_old
from doorstep.surfaces.patrol.models import SentAction
from tests.matters.uploads import photo
from tests.patrol.world import GRID, action, client, reported, send, sender, state


@pytest.fixture
def at(members, settings, tmp_path) -> Client:
    settings.ATTACHMENTS_FOLDER = tmp_path
    return client(members, "grid_worker")


def test_an_action_is_done_once(members, at):
    matter = reported(members)
    accept = action("accept", matter)
    first, second = send(at, accept), send(at, accept)
    assert first == second and first["state"] == "done" and first["version"] == 2
    assert History.objects.filter(matter=matter, name="accept").count() == 1
    assert Entry.objects.filter(action="request.accept").count() == 1


def test_a_chain_stands_on_its_own_steps(members, at):
    matter = reported(members)
    accept = action("accept", matter)
    handle = action("handle", matter, fields={"handle-note": "换了灯泡"}, follows=accept["key"])
    assert send(at, handle)["state"] == "waits" and state(matter) == "reported"
    assert send(at, accept)["state"] == "done"
    assert send(at, handle)["state"] == "done" and state(matter) == "handled"
    assert [send(at, each)["state"] for each in (accept, handle)] == ["done", "done"]


def test_somebody_between_two_steps_of_a_chain_is_a_conflict(members, at):
    matter = reported(members)
    accept = action("accept", matter)
    send(at, accept)
    inputs = {"follows": accept["key"], "fields": {"handle-note": "换了灯泡"}}
    apply_transition(
        actor=members["colleague"].actor,
        matter_id=matter.pk,
        name="suspend",
        inputs=Inputs(note="等配件", until=clock.today() + dt.timedelta(days=7)),
    )
    told = send(at, action("handle", matter, **inputs))
    assert told["state"] == "conflict" and "演示colleague" in told["message"] and "已暂停" in told["message"]
    assert state(matter) == "suspended" and SentAction.objects.count() == 1


def test_who_was_faster_is_named(members, at):
    matter = reported(members)
    apply_transition(actor=members["colleague"].actor, matter_id=matter.pk, name="accept")
    told = send(at, action("accept", matter))
    assert told["state"] == "conflict"
    assert "演示colleague" in told["message"] and "已接办" in told["message"] and "办理中" in told["message"]
    assert not SentAction.objects.exists()


def test_ones_own_step_elsewhere_is_said_to_be_ones_own(members, at):
    matter = reported(members)
    apply_transition(actor=members["grid_worker"].actor, matter_id=matter.pk, name="accept")
    assert send(at, action("accept", matter))["message"].startswith("您 ")


def test_words_left_over_become_an_internal_remark_once(members, at):
    matter = reported(members)
    said = action("remark", matter, fields={"text": "我也去过，灯座坏了"})
    assert [send(at, said)["state"] for _time in range(3)] == ["done"] * 3
    remark = Remark.objects.get(matter=matter)
    assert remark.internal and remark.text == "我也去过，灯座坏了"
    assert send(at, action("remark", matter, fields={"text": " "}))["state"] == "refused"


def test_a_matter_that_left_ones_sight_is_gone(members, at):
    matter = reported(members)
    told = send(client(members, "neighbour"), action("accept", matter))
    assert told["state"] == "gone" and state(matter) == "reported"


def test_a_record_is_taken_in_once(members, at):
    record = action(
        "record", fields={"text": "楼道堆了纸箱", "place": GRID, "note": "清走了", "how": "settled"}
    )
    first, second = send(at, record), send(at, record)
    assert first == second and first["state"] == "done" and first["number"] in first["message"]
    assert Matter.objects.count() == 1 and History.objects.count() == 2


def test_a_refused_record_leaves_nothing(members, at):
    told = send(at, action("record", fields={"text": "", "place": GRID, "how": "settled", "note": "好"}))
    assert told["state"] == "refused" and "请写一句是什么事" in told["message"]
    assert not Matter.objects.exists() and not SentAction.objects.exists()


def test_a_record_for_a_neighbour_with_a_picture_is_taken_in_once(members, at):
    fields = {
        "text": "楼道堆了纸箱",
        "place": GRID,
        "note": "清走了",
        "how": "settled",
        "for_whom": "王奶奶，住二单元",
    }
    record = action("record", fields=fields)
    for _twice in range(2):
        told = send_with(at, record, photo())
        assert told["state"] == "done" and "照片" not in told["message"], told
    matter = Matter.objects.get()
    assert Request.objects.get(pk=matter.pk).for_whom == "王奶奶，住二单元"
    assert Attachment.objects.filter(matter=matter).count() == 1


def test_a_picture_that_is_none_does_not_lose_the_record(members, at):
    fields = {"text": "楼道堆了纸箱", "place": GRID, "note": "", "how": "open"}
    told = send_with(at, action("record", fields=fields), b"<svg onload=alert(1)>")
    assert told["state"] == "done" and "照片没有收下" in told["message"]
    assert Matter.objects.count() == 1 and not Attachment.objects.exists()


def test_a_visit_is_noted_once_on_the_day_it_was_made(members, at):
    visit = action("visit", fields={"grid": GRID, "kind": "hazard", "note": "消防通道通了"})
    visit |= {"done_at": (clock.now() - dt.timedelta(days=1)).isoformat()}
    for _twice in range(2):
        told = send(at, visit)
        assert (told["state"], told["message"], told["url"]) == ("done", "走访已记下。", "/patrol/"), told
    row = Visit.objects.get()
    assert (row.visited_on, row.note) == (clock.today() - dt.timedelta(days=1), "消防通道通了")
    ahead = action("visit", fields={"grid": GRID, "kind": "hazard"})  # by a phone's clock that runs ahead
    send(at, ahead | {"done_at": (clock.now() + dt.timedelta(days=2)).isoformat()})
    assert Visit.objects.latest("pk").visited_on == clock.today()


@pytest.mark.parametrize(
    "fields",
    [{"kind": "spying"}, {"kind": ""}, {"grid": "210202005011999"}, {"note": "找他 13800000001"}, {"visited_on": "2099-01-01"},
     {"visited_on": "yesterday"}, {"building": "²"}, {"person": "99999999"}],
)  # fmt: skip
def test_a_visit_that_cannot_be_is_refused_and_leaves_nothing(members, at, fields):
    told = send(at, action("visit", fields={"grid": GRID, "kind": "hazard"} | fields))
    assert told["state"] == "refused" and told["message"]
    assert not Visit.objects.exists() and not SentAction.objects.exists()


def send_with(at: Client, given: dict, picture: bytes) -> dict:
    """As the phone sends an action with a picture."""
    body = {
        "action": json.dumps({"sender": sender(at)} | given),
        "picture": SimpleUploadedFile("灯.jpg", picture),
    }
    answer = at.post("/patrol/send/", body)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def test_a_later_time_stays_beside_the_platforms(members, at):
    matter = reported(members)
    before = clock.now() - dt.timedelta(hours=3)
    send(at, action("accept", matter, done_at=before.isoformat()))
    row = History.objects.get(matter=matter, name="accept")
    assert row.data == {"done_at": before.isoformat(timespec="minutes")} and row.at > before
    other = reported(members, "楼下路灯也不亮")
    send(at, action("accept", other, done_at=(clock.now() + dt.timedelta(days=9)).isoformat()))
    assert History.objects.get(matter=other, name="accept").data == {}  # a phone's clock that runs ahead


def test_another_accounts_action_is_not_done(members, at):
    matter = reported(members)
    theirs = action("accept", matter, sender=sender(client(members, "colleague")))
    assert send(at, theirs)["state"] == "other"
    assert state(matter) == "reported"


def test_a_key_of_somebody_else_is_refused(members, at):
    matter, other = reported(members), reported(members, "楼下路灯也不亮")
    accept = action("accept", matter)
    send(at, accept)
    told = send(client(members, "colleague"), action("accept", other) | {"key": accept["key"]})
    assert told["state"] == "refused" and state(other) == "reported"


def test_nobody_signed_in_is_told_so(members):
    reported(members)
    answer = Client().post("/patrol/send/", "{}", content_type="application/json")
    assert answer.status_code == 401 and answer.json()["state"] == "signed_out"
    assert (
        client(members, "resident").post("/patrol/send/", "{}", content_type="application/json").status_code
        == 401
    )


def test_without_a_token_nothing_is_taken(members):
    matter = reported(members)
    checked = Client(enforce_csrf_checks=True)
    checked.cookies = client(members, "grid_worker").cookies
    body = json.dumps(action("accept", matter) | {"sender": sender(checked)})
    assert checked.post("/patrol/send/", body, content_type="application/json").status_code == 403
    token = checked.get("/session/").json()["token"]
    answer = checked.post(
        "/patrol/send/", body, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert answer.json()["state"] == "done"


@pytest.mark.parametrize(
    "body",
    ["", "[]", "null", "{}", '{"key": 3}', '{"key": "x", "name": "accept"}', '{"key": "%s", "name": 4}',
     '{"key": "%s", "name": "accept", "fields": []}', '{"key": "%s", "name": "accept", "fields": {"a": 1}}',
     '{"key": "%s", "name": "accept", "done_at": "yesterday"}', '{"key": "%s", "name": "accept", "number": []}',
     '{"key": "%s", "name": "accept", "follows": 3}', "\x00"],
)  # fmt: skip
def test_nonsense_is_refused(at, body):
    text = body.replace("%s", str(uuid.uuid4()))
    answer = at.post("/patrol/send/", text, content_type="application/json")
    assert answer.status_code == 400 and answer.json()["state"] == "refused"


@pytest.mark.parametrize(
    ("name", "fields"),
    [("nothing", {}), ("dispatch", {"dispatch-unit_id": "1"}), ("verify", {"verify-note": "好"}), ("handle", {}),
     ("merge", {"merge-main_id": "2"}), ("x" * 300, {}), ("acc\x00ept", {}), ("\ud800", {}), ("", {}),
     ("handle", {"handle-note": "\ud800", "handle-version": "²"}), ("remark", {"text": "\x00\ud800"}),
     ("accept", {"accept-version": "²"}), ("record", {"text": "\ud800", "place": "b²", "how": "open"})],
)  # fmt: skip
def test_what_is_not_offered_is_refused_and_leaves_nothing(members, at, name, fields):
    matter = reported(members)
    told = send(at, action(name, matter, fields=fields))
    assert told["state"] in ("refused", "conflict") and told["message"]
    assert state(matter) == "reported" and not SentAction.objects.exists()


def test_half_characters_and_controls_are_left_out_of_words(members, at):
    matter = reported(members)
    send(at, action("accept", matter))
    told = send(
        at, action("handle", matter, fields={"handle-version": "2", "handle-note": "换\ud800好\u202e了"})
    )
    assert told["state"] == "done", told
    assert History.objects.get(matter=matter, name="handle").note == "换好了"
    assert send(at, action("remark", matter, fields={"text": "记\x00一\udc00句"}))["state"] == "done"
    assert Remark.objects.get().text == "记一句"


def test_a_step_without_its_version_is_refused(members, at):
    matter = reported(members)
    told = send(at, action("accept", matter) | {"fields": {}})
    assert told["state"] == "refused" and state(matter) == "reported"


def test_old_keys_are_forgotten(members, at):
    send(at, action("accept", reported(members)))
    assert forget_old() == 0
    SentAction.objects.update(at=clock.now() - dt.timedelta(days=KEPT_DAYS + 1))
    assert forget_old() == 1
