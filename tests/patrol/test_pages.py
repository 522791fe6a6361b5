"""Pages of the grid worker's phone, without scripts: who sees them, what waits, what can be done, and in which words."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters.models import Attachment, ExtensionRequest, History, Matter
from doorstep.kernel.matters.services import apply_transition
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.places.location import renew_token
from doorstep.kernel.places.positions import to_gcj02
from doorstep.kernel.shared import clock
from doorstep.modules.grids.models import Visit
from doorstep.modules.requests.models import Request
from tests.matters.uploads import photo
from tests.patrol.world import GRID, SECOND_GRID, client, forms, page, reported, state
from tests.requests.world import INSIDE, SQUARE, outline

PAGES = ("/patrol/", "/patrol/new/", "/patrol/visit/", "/patrol/?box=place")


@pytest.mark.parametrize(
    "role", ["resident", "outsider", "department_officer", "property_manager", "street_officer"]
)
def test_for_others_there_is_no_patrol(members, role):
    matter = reported(members)
    at = client(members, role)
    for address in (*PAGES, f"/patrol/m/{matter.number}/"):
        assert at.get(address).status_code == 404, address
    for address in (f"/patrol/m/{matter.number}/accept/", f"/patrol/m/{matter.number}/contact/"):
        assert at.post(address).status_code == 404, address
    assert state(matter) == "reported"


def test_who_is_not_signed_in_is_led_to_sign_in(db, client):
    for address in PAGES:
        assert client.get(address).url.startswith("/sign-in/")


def test_a_matter_of_another_grid_does_not_exist(members):
    matter = reported(members)
    at = client(members, "neighbour")
    assert matter.number not in page(at, "/patrol/?box=place")
    for address in (f"/patrol/m/{matter.number}/", "/patrol/m/QS9999999/", "/patrol/m/nonsense/"):
        assert at.get(address).status_code == 404
    assert at.post(f"/patrol/m/{matter.number}/accept/", {"accept-version": 1}).status_code == 404
    assert state(matter) == "reported"


def test_boxes_hold_what_they_say(members):
    fresh, taken = reported(members), reported(members, "楼下路灯也不亮")
    apply_transition(actor=members["grid_worker"].actor, matter_id=taken.pk, name="accept")
    at = client(members, "grid_worker")
    assert taken.number in page(at, "/patrol/") and fresh.number not in page(at, "/patrol/")
    assert fresh.number in page(at, "/patrol/?box=asked") and taken.number not in page(
        at, "/patrol/?box=asked"
    )
    assert {fresh.number, taken.number} <= set(re.findall(r"QS\d+", page(at, "/patrol/?box=place")))
    assert at.get("/patrol/?box=nothing").status_code == 404
    assert fresh.number in page(
        client(members, "colleague"), "/patrol/"
    )  # nothing is theirs: what waits comes first


def test_each_line_says_the_time_left_in_words(members):
    reported(members)
    assert re.search(
        r'class="clock[^"]*">还有 \S+ (天|小时)', page(client(members, "grid_worker"), "/patrol/")
    )


def test_the_list_is_cut_into_pages(members):
    for number in range(31):
        reported(members, f"第{number}件")
    at = client(members, "grid_worker")
    first = page(at, "/patrol/?box=place")
    following = re.search(r'rel="next" href="(\?[^"]+)"', first)
    assert following is not None
    second = page(at, "/patrol/" + following[1].replace("&amp;", "&"))
    rows = [set(re.findall(r'data-matter="(QS\d+)"', each)) for each in (first, second)]
    assert len(rows[0]) == 30 and len(rows[1]) == 1 and not rows[0] & rows[1]


def test_a_reported_matter_is_closed_by_opening_it_and_one_press(members):
    matter = reported(members)
    at = client(members, "grid_worker")
    shown = page(at, f"/patrol/m/{matter.number}/")
    assert forms(shown)[0] == "on_the_spot" and "已当场处理好。</textarea>" in shown
    form = {"on_the_spot-version": matter.version, "on_the_spot-note": "已当场处理好。"}
    answer = at.post(f"/patrol/m/{matter.number}/on_the_spot/", form)
    assert answer.status_code == 302 and answer.url == "/patrol/"
    assert state(matter) == "closed" and Request.objects.get(pk=matter.pk).on_the_spot


def test_from_accepted_to_handled(members):
    matter = reported(members)
    at = client(members, "grid_worker")
    address = f"/patrol/m/{matter.number}/"
    assert at.post(address + "accept/", {"accept-version": 1}).url == address
    shown = page(at, address)
    assert forms(shown)[0] == "handle" and "已到现场处理好。</textarea>" in shown
    answer = at.post(address + "handle/", {"handle-version": 2, "handle-note": " "})
    assert answer.status_code == 422 and "给报告人的说明" in answer.content.decode()
    at.post(address + "handle/", {"handle-version": 2, "handle-note": "换了灯泡"})
    assert state(matter) == "handled"
    assert "verify" not in forms(page(at, address))


def test_what_the_unit_was_asked_for_is_taken_over_and_handled_in_one_press(members):
    """A dispatched matter cannot be closed on the spot: two steps, one press."""
    matter = reported(members)
    street, grid_worker = members["street_officer"].actor, members["grid_worker"].actor
    apply_transition(
        actor=street, matter_id=matter.pk, name="dispatch", inputs=Inputs(unit_id=matter.holder_id)
    )
    matter.refresh_from_db()
    at = client(members, "grid_worker")
    shown = page(at, f"/patrol/m/{matter.number}/")
    assert forms(shown)[:2] == ["accept_handle", "accept"]
    form = {"handle-version": matter.version, "handle-note": "换了灯泡"}
    at.post(f"/patrol/m/{matter.number}/accept_handle/", form)
    assert state(matter) == "handled"
    last = History.objects.filter(matter=matter).order_by("-number")[:2]
    assert [row.name for row in last] == ["handle", "accept"] and last[0].note == "换了灯泡"
    assert grid_worker.person_id == Matter.objects.get(pk=matter.pk).handler_id


def test_passing_on_needs_a_reason_and_no_unit(members):
    matter = reported(members)
    at = client(members, "grid_worker")
    address = f"/patrol/m/{matter.number}/raise/"
    assert at.post(address, {"raise-version": 1, "raise-internal": ""}).status_code == 422
    assert at.post(address, {"raise-version": 1, "raise-internal": "要动地下管线"}).status_code == 302
    street = members["street_officer"].actor.grants[0].unit_id
    found = Matter.objects.get(pk=matter.pk)
    assert (found.state, found.asked_id) == ("dispatched", street)


def test_a_stale_page_says_who_was_faster_and_keeps_the_words(members):
    matter = reported(members)
    apply_transition(actor=members["colleague"].actor, matter_id=matter.pk, name="accept")
    at = client(members, "grid_worker")
    form = {"on_the_spot-version": 1, "on_the_spot-note": "我换了灯泡"}
    answer = at.post(f"/patrol/m/{matter.number}/on_the_spot/", form)
    shown = answer.content.decode()
    assert answer.status_code == 409 and "演示colleague" in shown and "已接办" in shown
    assert "我换了灯泡</textarea>" in shown and forms(shown)[0] == "remark"
    at.post(f"/patrol/m/{matter.number}/remark/", {"text": "我换了灯泡"})
    assert "我换了灯泡" in page(at, f"/patrol/m/{matter.number}/")


def test_offices_are_named_and_never_the_reporter(members):
    matter = reported(members)
    shown = page(client(members, "grid_worker"), f"/patrol/m/{matter.number}/")
    assert "演示residents_committee" in shown and "演示street_office" in shown
    assert "13800000002" not in shown and "演示报告人" not in shown


def test_the_reporters_phone_is_shown_for_a_purpose_and_the_audit_keeps_it(members):
    matter = reported(members)
    at = client(members, "grid_worker")
    address = f"/patrol/m/{matter.number}/contact/"
    assert at.post(address, {"purpose": "curiosity"}).status_code == 302
    assert not Entry.objects.filter(action="people.reveal").exists()
    answer = at.post(address, {"purpose": "contact"})
    assert "13800000002" in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"
    kept = Entry.objects.get(action="people.reveal")
    assert kept.purpose == "contact" and kept.account_id == members["grid_worker"].account.pk


def test_a_reporter_of_elsewhere_is_the_communitys_to_call(members):
    matter = reported(members, by="resident")  # registered with the community, not in the grid
    at = client(members, "grid_worker")
    shown = page(at, f"/patrol/m/{matter.number}/")
    assert "报告人不在您的网格登记" in shown and "/contact/" not in shown
    assert at.post(f"/patrol/m/{matter.number}/contact/", {"purpose": "contact"}).status_code == 404


def test_a_record_is_one_step(members):
    at = client(members, "grid_worker")
    shown = page(at, "/patrol/new/")
    assert GRID in shown and SECOND_GRID not in shown and "1号楼" in shown
    form = {"text": "楼道堆了纸箱", "place": GRID, "note": "帮着清走了", "how": "settled"}
    assert at.post("/patrol/new/", form).status_code == 302
    matter = Matter.objects.get(title__contains="楼道堆了纸箱")
    assert (matter.state, matter.source, matter.longitude) == ("closed", "worker", None)
    assert matter.request.on_the_spot


def test_a_record_for_somebody_with_a_picture_by_the_form(members, settings, tmp_path):
    settings.ATTACHMENTS_FOLDER = tmp_path
    at = client(members, "grid_worker")
    shown = page(at, "/patrol/new/")
    assert (
        'href="/report/"' in shown
        and 'name="picture"' in shown
        and "required" not in shown.partition('name="picture"')[2][:60]
    )
    form = {"text": "楼道堆了纸箱", "place": GRID, "note": "清走了", "how": "settled", "for_whom": "王奶奶"}
    assert (
        at.post("/patrol/new/", form | {"picture": SimpleUploadedFile("灯.jpg", photo())}).status_code == 302
    )
    matter = Matter.objects.get()
    assert Request.objects.get().for_whom == "王奶奶" and Attachment.objects.get().matter == matter
    assert "代 王奶奶 上报" in page(at, f"/patrol/m/{matter.number}/")
    refused = at.post("/patrol/new/", form | {"text": " "})
    assert refused.status_code == 422 and 'value="王奶奶"' in refused.content.decode()


def test_a_visit_by_the_form_from_the_first_page(members):
    at = client(members, "grid_worker")
    assert 'href="/patrol/visit/"' in page(at, "/patrol/")
    shown = page(at, "/patrol/visit/")
    assert GRID in shown and SECOND_GRID not in shown
    assert at.post("/patrol/visit/", {"grid": GRID, "kind": "hazard"}).url == "/patrol/"
    assert Visit.objects.get().place_code == GRID
    refused = at.post("/patrol/visit/", {"grid": GRID, "kind": "hazard", "note": "找他 13800000001"})
    assert refused.status_code == 422 and "找他 13800000001</textarea>" in refused.content.decode()
    assert "不要写手机号" in refused.content.decode() and Visit.objects.count() == 1


def test_a_record_passed_on_stays_open(members):
    at = client(members, "grid_worker")
    building = re.search(r'value="(b\d+)"', page(at, "/patrol/new/"))
    assert building is not None
    at.post("/patrol/new/", {"text": "路面塌了一块", "place": building[1], "note": "", "how": "open"})
    matter = Matter.objects.get(title__contains="路面塌了一块")
    assert (matter.state, matter.place_code) == ("reported", GRID)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"text": " "}, "请写一句是什么事"), ({"note": " "}, "请写一句怎么处理的"), ({"place": SECOND_GRID}, "在哪里"),
        ({"text": "长" * 5001}, "5000"),
    ],
)  # fmt: skip
def test_a_bad_record_is_refused_in_words(members, change, words):
    form = {"text": "楼道堆了纸箱", "place": GRID, "note": "清走了", "how": "settled"} | change
    answer = client(members, "grid_worker").post("/patrol/new/", form)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not Matter.objects.exists()


@pytest.mark.parametrize(
    "position",
    [("200", "99"), ("121.646", ""), ("nan", "nan"), ("east", "north"), ("2.35", "48.85")],
)
def test_a_bad_position_does_not_lose_the_record(members, position):
    form = {"text": "楼道堆了纸箱", "place": GRID, "note": "清走了", "how": "settled"}
    at = client(members, "grid_worker")
    answer = at.post("/patrol/new/", form | {"longitude": position[0], "latitude": position[1]})
    assert answer.status_code == 302 and Matter.objects.get().longitude is None


def test_a_position_is_kept_as_wgs84_where_the_browser_shifts_it(members):
    outline(GRID, SQUARE)
    renew_token()
    at = client(members, "grid_worker")
    shown = at.get("/patrol/new/", headers={"User-Agent": "MicroMessenger"}).content.decode()
    assert 'name="datum" value="gcj02"' in shown
    longitude, latitude = to_gcj02(*INSIDE)
    form = {"text": "楼道堆了纸箱", "place": GRID, "note": "清走了", "how": "settled"}
    at.post("/patrol/new/", form | {"longitude": longitude, "latitude": latitude, "datum": "gcj02"})
    matter = Matter.objects.get()
    assert (matter.longitude, matter.latitude) == pytest.approx(INSIDE, abs=1e-6)


def test_words_are_text_not_markup(members):
    matter = reported(members, "<script>alert(1)</script> 😀")
    shown = page(client(members, "grid_worker"), f"/patrol/m/{matter.number}/")
    assert "<script>alert" not in shown and "&lt;script&gt;alert(1)&lt;/script&gt; 😀" in shown


def test_pages_cost_a_fixed_number_of_queries(members, django_assert_max_num_queries):
    at = client(members, "grid_worker")
    for number in range(12):
        matter = reported(members, f"第{number}件")
    page(at, "/patrol/")
    with django_assert_max_num_queries(20):
        page(at, "/patrol/?box=place")
    with django_assert_max_num_queries(45):
        page(at, f"/patrol/m/{matter.number}/")


def test_pages_that_everybody_may_keep_say_nothing_of_anybody(members):
    at = client(members, "grid_worker")
    assert "data-sender" not in page(at, "/patrol/offline/") and "演示grid_worker" not in page(
        at, "/patrol/offline/"
    )
    assert 'data-sender="' in page(at, "/patrol/phone/")


def test_in_english(members):
    at = client(members, "grid_worker")
    at.cookies["django_language"] = "en"
    matter = reported(members)
    for address in (
        "/patrol/",
        "/patrol/new/",
        "/patrol/visit/",
        "/patrol/phone/",
        "/patrol/offline/",
        f"/patrol/m/{matter.number}/",
    ):
        assert 'lang="en"' in page(at, address)


def test_more_time_is_asked_for_in_one_form(members):
    matter = reported(members)
    apply_transition(actor=members["grid_worker"].actor, matter_id=matter.pk, name="accept")
    at, address = client(members, "grid_worker"), f"/patrol/m/{matter.number}/"
    assert "申请延期" in page(at, address)
    given = {"ask_extension-version": 2, "ask_extension-until": "", "ask_extension-internal": "等配件"}
    refused = at.post(f"{address}ask_extension/", given)
    assert refused.status_code == 422 and "等配件" in refused.content.decode()
    day = (clock.today() + dt.timedelta(days=20)).isoformat()
    assert at.post(f"{address}ask_extension/", given | {"ask_extension-until": day}).status_code == 302
    asked = ExtensionRequest.objects.get()
    assert (asked.matter_id, asked.reason, asked.due_day.isoformat()) == (matter.pk, "等配件", day)
    shown = page(at, address)
    assert "已申请延期" in shown and f"{address}ask_extension/" not in shown
    again = at.post(f"{address}ask_extension/", given | {"ask_extension-until": day})
    assert again.status_code == 409 and "已经有一份" in again.content.decode()
