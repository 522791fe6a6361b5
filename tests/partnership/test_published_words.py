"""What units read of a need tells of nobody, and can be said in other words afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.people.masking import tells_a_door
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.modules.partnership import services_needs as needs
from tests.partnership.lists_world import TODAY, Lists, build_lists
from tests.sign_in import client_of


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    monkeypatch.setenv("DOORSTEP_TODAY", TODAY.isoformat())
    with clock.fixed(TODAY) as day:
        yield day


@pytest.fixture
def lists(db: None) -> Lists:
    return build_lists()


@pytest.mark.parametrize(
    ("text", "tells"),
    [("12号3单元402", True), ("住3 单元 1202", True), ("家在12-3-402", True), ("3单元楼道灯", False), ("2026-06-15 到 2026-07-15", False),
     ("8:30-11:30", False), ("1-12号楼之间", False)],
)  # fmt: skip
def test_a_door_is_known_by_its_form(text: str, tells: bool) -> None:
    assert tells_a_door(text) is tells


def test_it_is_said_in_other_words(lists: Lists) -> None:
    need, secretary = lists.published(), lists.actor("secretary")
    again = needs.reword(actor=secretary, need_id=need.pk, headline="老人想要有人教手机", about="每周一次")
    assert (again.headline, again.about, again.published_on) == (
        "老人想要有人教手机",
        "每周一次",
        need.published_on,
    )
    entry = Entry.objects.filter(action="partnership.need_reworded").get()
    assert entry.target_id == str(need.pk) and entry.changes == {}


def test_what_tells_of_somebody_is_refused_at_its_field(lists: Lists) -> None:
    need, secretary = lists.published(), lists.actor("secretary")
    for about, field in (("联系王阿姨，东日街12号3单元402", "about"), ("打13812341234", "about")):
        with pytest.raises(RuleViolation) as told:
            needs.reword(actor=secretary, need_id=need.pk, headline="教手机", about=about)
        assert told.value.field == field
    with pytest.raises(NotVisible):
        needs.reword(actor=lists.actor("partner"), need_id=need.pk, headline="教手机", about="")


def test_what_is_not_on_the_list_or_went_on_meanwhile_is_not_changed(lists: Lists) -> None:
    told = lists.tell()
    with pytest.raises(RuleViolation):
        needs.reword(actor=lists.actor("secretary"), need_id=told.pk, headline="教手机", about="")
    need = lists.published()
    with pytest.raises(Conflict):
        needs.reword(
            actor=lists.actor("secretary"), need_id=need.pk, headline="教手机", about="", expected_version=1
        )


def test_by_its_page(lists: Lists) -> None:
    need = lists.published()
    desk = client_of(lists.district.accounts["secretary"])
    page = f"/desk/partnership/needs/{need.pk}/"
    assert f'href="{page}reword/"' in desk.get(page).content.decode()
    sent = {"headline": "想请人教手机", "about": "", "version": need.matter.version}
    assert desk.post(f"{page}reword/", sent).status_code == 302
    need.refresh_from_db()
    assert need.headline == "想请人教手机"
