"""A unit tells what it needs itself: with a thumb, in a community of its agreements; answered as anybody who tells a need."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from doorstep.kernel.matters.models_messages import Notice
from doorstep.kernel.organisations import services as organisations
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.partnership import services_needs as needs
from doorstep.modules.partnership import services_ratings as ratings
from doorstep.modules.partnership.models_lists import Need, Rating
from doorstep.modules.partnership.selectors_lists import needed_near
from doorstep.modules.partnership.services_claims import claim
from tests.partnership.lists_world import ONE, SYSTEM, TODAY, TWO, Lists, build_lists
from tests.sign_in import client_of


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    monkeypatch.setenv("DOORSTEP_TODAY", TODAY.isoformat())
    with clock.fixed(TODAY) as day:
        yield day


@pytest.fixture
def lists(db: None) -> Lists:
    return build_lists()


def at(name: str, *args: object) -> str:
    return reverse(f"partnership:{name}", args=args)


def sheet(lists: Lists, **changed: object) -> dict[str, object]:
    given: dict[str, object] = {
        "unit": lists.partners["partner"].pk, "title": "员工想学急救", "text": "", "place": ONE, "resource_class": "health", "people": 15,
        "key": uuid.uuid4(),
    }  # fmt: skip
    return given | changed


def phone(lists: Lists, who: str = "partner") -> Client:
    return client_of(lists.district.accounts[who])


def test_told_with_a_thumb_followed_and_answered(lists: Lists) -> None:
    partner, sent = phone(lists), sheet(lists)
    page = partner.get(at("unit_tell")).content.decode()
    assert "贵单位需要什么" in page and "演示一社区" in page and "演示二社区" not in page
    answer = partner.post(at("unit_tell"), sent)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    need = Need.objects.select_related("matter").get()
    assert (need.told, need.unit_id, need.matter.source, need.matter.place_code) == (
        "unit",
        sent["unit"],
        "unit",
        ONE,
    )
    assert partner.post(at("unit_tell"), sent)["Location"] == answer["Location"] and Need.objects.count() == 1
    followed = partner.get(answer["Location"]).content.decode()
    assert "员工想学急救" in followed and "撤回" in followed
    assert "员工想学急救" in partner.get(at("unit_mine")).content.decode()
    needs.decline(actor=lists.actor("secretary"), need_id=need.pk, note="区红十字会每月有课，可以报名。")
    assert Notice.objects.filter(person=lists.district.people["partner"], matter=need.pk).exists()
    assert "每月有课" in partner.get(answer["Location"]).content.decode()


def test_what_is_wrong_is_said_at_its_field_and_kept(lists: Lists) -> None:
    partner = phone(lists)
    for changed, said in (
        ({"title": ""}, "必填"), ({"people": 0}, "大于等于"), ({"place": TWO}, "有效"), ({"resource_class": "rockets"}, "有效"),
    ):  # fmt: skip
        answer = partner.post(at("unit_tell"), sheet(lists, text="十五名员工", **changed))
        page = answer.content.decode()
        assert answer.status_code == 422 and "十五名员工" in page, changed
        assert said in page or "is-invalid" in page, (changed, page[:2000])
    assert not Need.objects.exists()


def test_with_agreements_in_several_communities_none_is_chosen_by_chance(lists: Lists) -> None:
    unit = lists.partner("second", place=ONE[:9], agreed=ONE)
    lists.agree(unit, TWO)
    second = phone(lists, "second")
    assert "请选社区" in second.get(at("unit_tell")).content.decode()
    refused = second.post(at("unit_tell"), sheet(lists, unit=unit.pk, place=""))
    assert refused.status_code == 422 and not Need.objects.exists()


def test_without_an_agreement_the_page_says_what_to_do_and_others_have_none(lists: Lists) -> None:
    lists.partner("unsigned", agreed=None)
    unsigned = phone(lists, "unsigned")
    assert "签了协议以后" in unsigned.get(at("unit_tell")).content.decode()
    for who in ("resident", "secretary", "outsider"):
        assert phone(lists, who).get(at("unit_tell")).status_code == 404, who
    sent = sheet(lists)  # another's unit is not spoken for: the reader's own is
    unsigned.post(at("unit_tell"), sent)
    assert not Need.objects.exists()


def test_its_own_need_is_done_by_others(lists: Lists) -> None:
    second = lists.partner("second")
    unit = lists.partners["partner"].pk
    need = lists.published(by="partner", told="unit", unit_id=unit)
    assert needed_near(lists.actor("partner"), unit) == []
    assert [one.need.pk for one in needed_near(lists.actor("second"), second.pk)] == [need.pk]
    with pytest.raises(RuleViolation, match="贵单位自己提出"):
        claim(actor=lists.actor("partner"), need_id=need.pk, unit_id=unit)
    assert phone(lists).get(at("unit_needed", need.pk))["Location"] == at("follow", need.pk)
    claim(actor=lists.actor("second"), need_id=need.pk, unit_id=second.pk)
    assert phone(lists, "second").get(at("follow", need.pk)).status_code == 404


def test_a_colleague_follows_it_and_only_who_told_it_takes_it_back_or_rates(lists: Lists) -> None:
    unit = lists.partners["partner"]
    need = lists.tell(by="partner", told="unit", unit_id=unit.pk)
    lists.partner("second")
    colleague = lists.district.people["second"]
    organisations.appoint(
        actor=SYSTEM, person_id=colleague.pk, post="unit_liaison", unit_id=unit.pk, valid_from=TODAY
    )
    page = phone(lists, "second").get(at("follow", need.pk)).content.decode()
    assert "想有个地方排练合唱" in page and "不需要了，撤回" not in page
    with pytest.raises(NotVisible):
        needs.withdraw_need(actor=lists.actor("second"), need_id=need.pk)
    assert needs.withdraw_need(actor=lists.actor("partner"), need_id=need.pk).state == "withdrawn"


def test_who_does_a_project_does_not_rate_it(lists: Lists) -> None:
    """The resident who told the need has since come to act for the unit that did it."""
    project = lists.confirmed()
    organisations.appoint(
        actor=SYSTEM, person_id=lists.district.people["resident"].pk, post="unit_liaison",
        unit_id=lists.partners["partner"].pk, valid_from=TODAY,
    )  # fmt: skip
    with pytest.raises(NotAllowed, match="不评价自己的项目"):
        ratings.rate(actor=lists.actor("resident"), project_id=project.pk, grade=5)
    assert "您来评价" not in phone(lists, "resident").get(at("follow", project.need_id)).content.decode()
    assert not Rating.objects.exists()
