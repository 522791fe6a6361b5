"""The item of an open request named anew: who may read it from then on, how urgent it is, where it should go, what is kept."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest

from doorstep.kernel.access.actors import ANONYMOUS, Actor, Grant
from doorstep.kernel.access.capabilities import capabilities_of
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.declarations.work import all_providers
from doorstep.kernel.matters.models import History, Matter, Notice
from doorstep.kernel.matters.selectors import box, visible_matter
from doorstep.kernel.matters.services_links import Piece
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.modules.requests import services_steps, services_whistle
from doorstep.modules.requests.models import Request
from doorstep.modules.requests.selectors import likely_duplicates
from doorstep.modules.requests.selectors_public import public_requests
from doorstep.modules.requests.services_items import change_item
from doorstep.modules.requests.work import undecided
from tests.authority import cast
from tests.requests.desks import GRID

VAGUE = "那边又那样了，来看看"  # no item is sure, and the likeliest is not sealed
BLOWS = "他又动手了，孩子在哭"
BEATEN, BENEFITS, LAMP, SEWER, MANHOLE = (
    "disp.violence",
    "live.benefits",
    "env.lamp",
    "env.sewer",
    "env.manhole",
)


def changed(offices, matter: Matter, item: str, who: str = "community_secretary", **more) -> Matter:
    change_item(actor=offices[who], matter_id=matter.pk, item_code=item, **more)
    return Matter.objects.get(pk=matter.pk)


def undecided_one(offices, text: str = VAGUE) -> Matter:
    matter = offices.reported(text=text, item_code="")
    assert Request.objects.get(pk=matter.pk).item is None and matter.item == ""
    return matter


def nearby(text: str = VAGUE, item: str = BEATEN) -> list:
    return likely_duplicates(ANONYMOUS, place_code=GRID, text=text, item_code=item)


def test_a_sealed_item_seals_the_request_everywhere(offices):
    matter = undecided_one(offices)
    assert matter.confidentiality == Matter.INTERNAL and len(nearby()) == 1
    assert visible_matter(offices["hotline_officer"], matter.pk) == matter
    now = changed(offices, matter, BEATEN)
    assert (now.confidentiality, now.item, now.category) == (Matter.SEALED, BEATEN, "dispute")
    assert nearby() == []
    with pytest.raises(NotVisible):
        visible_matter(offices["hotline_officer"], matter.pk)
    page = f"/desk/matters/{matter.number}/"
    assert offices.client("hotline_officer").get(page).status_code == 404
    assert offices.client("community_secretary").get(page).status_code == 200


def test_what_was_public_leaves_the_public_list(offices):
    matter = offices.reported(item_code=LAMP)
    assert matter in public_requests()
    assert changed(offices, matter, BENEFITS).category == "livelihood"
    assert matter not in public_requests()
    assert offices.client("resident").get(f"/open311/v2/requests/{matter.number}.json").status_code == 404


def test_nothing_sealed_for_its_item_becomes_more_open(offices):
    matter = offices.reported(item_code=BEATEN)
    assert changed(offices, matter, LAMP).confidentiality == Matter.SEALED
    assert matter not in public_requests()
    history = History.objects.get(matter=matter, name="change_item")
    assert "confidentiality" not in history.data and "公开范围" not in history.internal


def test_what_was_corrected_before_is_sealed_by_the_next_correction(offices):
    matter = offices.reported(item_code=BEATEN)
    Matter.objects.filter(pk=matter.pk).update(confidentiality=Matter.INTERNAL)
    assert changed(offices, matter, LAMP).confidentiality == Matter.SEALED


def test_what_most_likely_is_sealed_is_sealed_until_somebody_names_it(offices):
    matter = undecided_one(offices, BLOWS)
    assert matter.confidentiality == Matter.SEALED and nearby(BLOWS) == []
    with pytest.raises(NotVisible):
        visible_matter(offices["hotline_officer"], matter.pk)
    assert changed(offices, matter, LAMP).confidentiality == Matter.INTERNAL
    again = undecided_one(offices, BLOWS)
    assert changed(offices, again, BEATEN).confidentiality == Matter.SEALED


def test_who_does_not_read_sealed_ones_does_not_open_what_was_suspected(offices):
    matter = undecided_one(offices, BLOWS)
    committee = Unit.objects.get(pk=matter.holder_id)
    grant = Grant("community_worker", committee.pk, (cast.COMMUNITY,), capabilities_of("community_worker"))
    worker = Actor(account_id=900, person_id=None, name="演示社工", grants=(grant,))
    change_item(actor=worker, matter_id=matter.pk, item_code=LAMP)
    assert Matter.objects.get(pk=matter.pk).confidentiality == Matter.SEALED


def test_urgency_rises_and_never_falls_and_promises_stay(offices):
    matter = offices.reported(item_code=LAMP)
    urgent = changed(offices, matter, BEATEN)
    assert (matter.urgency, urgent.urgency, urgent.due_at) == ("normal", "emergency", matter.due_at)
    assert matter.deadlines.count() == 2
    assert changed(offices, matter, LAMP).urgency == "emergency"


def test_history_and_audit_tell_of_it(offices):
    matter = undecided_one(offices)
    offices.step("grid_worker", matter, "accept")
    now = changed(offices, matter, BEATEN)
    row = History.objects.get(matter=matter, name="change_item")
    assert (row.number, row.source, row.target, row.note) == (now.version, "in_progress", "in_progress", "")
    assert row.person == offices.members["community_secretary"].person
    assert row.data == {
        "item": [None, BEATEN], "confidentiality": ["internal", "sealed"], "urgency": ["normal", "emergency"],
    }  # fmt: skip
    assert row.internal == (
        "事项由“事项未定”改定为“家庭暴力”；公开范围由“内部”改为“当事人可见”；紧急程度由“一般”升为“特急”；已作出的期限承诺不变。"
    )
    entry = Entry.objects.filter(action="request.change_item").latest("pk")
    assert entry.changes["data"] == row.data and entry.account_id == offices["community_secretary"].account_id
    told = Notice.objects.filter(matter=matter, key="change_item")
    assert [notice.person_id for notice in told] == [offices.members["grid_worker"].person.pk]
    changed(offices, matter, BEATEN)
    assert (
        History.objects.filter(matter=matter, name="change_item").count() == 1
    )  # the same item again is nothing


def test_staff_read_what_it_became_and_the_reporter_only_that_it_did(offices):
    matter = undecided_one(offices)
    changed(offices, matter, BEATEN)
    page = offices.client("community_secretary").get(f"/desk/matters/{matter.number}/").content.decode()
    assert "改定事项" in page and "事项由“事项未定”改定为“家庭暴力”" in page
    assert "事项后来改定为“家庭暴力”" in page
    own = offices.client("resident").get(f"/mine/told/{matter.pk}/").content.decode()
    assert "改定事项" in own and "家庭暴力" not in own


def test_the_route_of_the_new_item_is_proposed_and_a_person_dispatches(offices):
    matter = offices.reported(item_code=LAMP)
    street = offices["street_officer"].grants[0].unit_id
    page = f"/desk/matters/{matter.number}/"
    before = offices.client("street_officer").get(page).content.decode()
    assert "后来改定" not in before and f'value="{street}" selected' not in before
    now = changed(offices, matter, MANHOLE)
    assert (now.holder_id, now.asked_id) == (matter.holder_id, None)
    after = offices.client("street_officer").get(page).content.decode()
    assert "按规则应由" in after and f'<option value="{street}" selected>' in after
    offices.step("street_officer", matter, "dispatch", unit_id=street)
    asked = offices.client("street_officer").get(page).content.decode()
    assert "事项后来改定为“井盖缺失" in asked and "按规则应由" not in asked


def test_what_came_of_it_is_sealed_with_it(offices):
    matter = offices.reported(item_code=LAMP)
    street = offices["street_officer"].grants[0].unit_id
    (part,) = services_steps.split_request(
        actor=offices["street_officer"], matter_id=matter.pk,
        pieces=[Piece(title="灯杆", text="灯杆歪了", unit_id=street)],
    )  # fmt: skip
    whistle = services_whistle.propose(
        actor=offices["street_officer"],
        new=services_whistle.NewWhistle(
            ground="public_issue", title="一起看看", text="几家一起", place_code=GRID, request_id=matter.pk,
            arrive_by=clock.now() + dt.timedelta(days=1),
        ),
    )  # fmt: skip
    changed(offices, matter, BEATEN, "street_officer")
    for came in (part.matter, whistle.matter):
        assert Matter.objects.get(pk=came.pk).confidentiality == Matter.SEALED
        row = History.objects.get(matter=came, name="seal")
        assert matter.number in row.internal and row.person is None


def test_refusals(offices):
    matter = offices.reported(item_code=LAMP)
    with pytest.raises(NotAllowed, match="不能改定事项"):
        changed(offices, matter, SEWER, "grid_worker")
    with pytest.raises(NotVisible):
        changed(offices, matter, SEWER, "outsider")
    with pytest.raises(RuleViolation, match="目录里没有") as refused:
        changed(offices, matter, "env.nothing")
    assert refused.value.field == "item"
    offices.step("grid_worker", matter, "accept")
    with pytest.raises(Conflict, match="旧内容"):
        changed(offices, matter, SEWER, expected_version=matter.version)
    closed = offices.closed()
    with pytest.raises(RuleViolation, match="已经了结"):
        changed(offices, closed, SEWER)
    assert not History.objects.filter(name="change_item").exists()


def test_undecided_ones_wait_for_the_desk_that_holds_them(offices):
    offices.reported(item_code="other.other")
    matter = undecided_one(offices)
    items, number = undecided(offices["community_secretary"], clock.today(), 5)
    (item,) = items
    assert number == 1 and item.url == f"/desk/matters/{matter.number}/act/item/"
    assert undecided(offices["street_officer"], clock.today(), 5) == ([], 0)  # another desk has it
    assert undecided(offices["grid_worker"], clock.today(), 5) == ([], 0)  # who cannot name it
    at = offices.client("community_secretary")
    assert "事项未定" in at.get("/desk/").content.decode()
    form = at.get(item.url)
    assert (
        at.post(item.url, {"version": form.context["matter"].version, "item": ""}).status_code == 422
    )  # none by default
    answer = at.post(item.url, {"version": form.context["matter"].version, "item": SEWER})
    assert answer.status_code == 302
    assert undecided(offices["community_secretary"], clock.today(), 5) == ([], 0)


def test_the_whole_list_behind_has_as_many_as_wait(offices):
    for _each in range(3):
        undecided_one(offices)
    waits = next(each for each in all_providers() if each.key == "requests.undecided")
    for who, wanted in (("community_secretary", 3), ("street_officer", 0), ("district_officer", 0)):
        actor = offices[who]
        query = parse_qs(urlsplit(waits.all_url(actor)).query)
        listed = box(actor, query["box"][0]).filter(kind="request", item="").count()
        assert waits.items(actor, clock.today(), 5)[1] == listed == wanted, who
