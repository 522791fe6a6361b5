"""From a wish to the word of the person helped: who may claim, who may say that it is done, and what does not count."""

from __future__ import annotations

import pytest

from doorstep.kernel.authority.models import Account
from doorstep.kernel.indicators.selectors import figures
from doorstep.kernel.matters.models import History
from doorstep.kernel.matters.services import apply_transition
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.vanguard import services_wishes
from doorstep.modules.vanguard.models import Served, Wish
from doorstep.modules.vanguard.selectors_wishes import own_wishes, wish_page, wishes_near
from doorstep.modules.vanguard.services_members import receive
from doorstep.modules.vanguard.services_wishes import NewWish
from tests.grids.world import DISTRICT, ONE, TODAY, TWO, World
from tests.vanguard.world import reported, served_wish, wish


def said(world: World, **more: object) -> Wish:
    given = {"category": "difficulty", "title": "电梯坏了下不了楼", "place_code": ONE} | more
    return services_wishes.make_wish(actor=world.actor("resident"), new=NewWish(**given))


def test_a_resident_says_it_the_community_makes_it_known(world: World) -> None:
    member = reported(world)
    row = said(world)
    assert row.matter.state == "collected" and wishes_near(ONE) == []
    with pytest.raises(NotVisible):
        services_wishes.claim(actor=world.actor("member"), wish_id=row.pk)
    apply_transition(actor=world.actor("secretary"), matter_id=row.pk, name="publish")
    assert [line.wish.pk for line in wishes_near(ONE)] == [row.pk]
    page = wish_page(world.actor("member"), row.pk, member)
    assert page.may_claim and not page.whole
    assert [line.wish.pk for line in own_wishes(world.actor("resident"))] == [row.pk]


def test_sent_twice_it_is_one(world: World) -> None:
    new = NewWish(category="wish", title="想听收音机", place_code=ONE)
    first = services_wishes.make_wish(actor=world.actor("resident"), new=new)
    assert services_wishes.make_wish(actor=world.actor("resident"), new=new).pk == first.pk


def test_it_is_done_when_the_person_helped_says_so(world: World) -> None:
    member = reported(world)
    row = said(world)
    apply_transition(actor=world.actor("secretary"), matter_id=row.pk, name="publish")
    services_wishes.claim(actor=world.actor("member"), wish_id=row.pk)
    services_wishes.serve(actor=world.actor("member"), wish_id=row.pk, note="联系了维保")
    assert not Served.objects.exists()
    services_wishes.answer(actor=world.actor("resident"), wish_id=row.pk, done=False, note="还是不动")
    services_wishes.serve(actor=world.actor("member"), wish_id=row.pk, note="换了主板")
    services_wishes.answer(actor=world.actor("resident"), wish_id=row.pk, done=True)
    (served,) = Served.objects.all()
    assert (served.member_id, served.day, served.place_code) == (member.pk, TODAY, ONE)
    (figure,) = [
        one for one in figures(DISTRICT, on=TODAY) if one.indicator.key == "vanguard.difficulties_solved"
    ]
    assert figure.value == 1


@pytest.mark.parametrize("role", ["member", "secretary", "deputy", "district", "other"])
def test_nobody_else_closes_it_for_who_has_a_phone(world: World, role: str) -> None:
    reported(world)
    row = served_wish(world, helped_id=world.people["resident"].pk, helped="")
    with pytest.raises((NotAllowed, NotVisible)):
        services_wishes.answer(actor=world.actor(role), wish_id=row.pk, done=True)
    with pytest.raises((RuleViolation, NotVisible)):
        services_wishes.answer_for(
            actor=world.actor(role), wish_id=row.pk, done=True, asked_how="call", words="说办了"
        )
    assert Wish.objects.get(pk=row.pk).matter.state == "served" and not Served.objects.exists()


def test_without_a_phone_the_community_asks_and_never_who_did_it(world: World) -> None:
    """The secretary reports in too, does it, and may not say so; another of the community may, and how they asked is kept."""
    world.people["member"], world.accounts["member"] = world.people["secretary"], world.accounts["secretary"]
    reported_row = reported(world, received=False)
    with pytest.raises(RuleViolation, match="另一位同事"):
        receive(actor=world.actor("secretary"), member_id=reported_row.pk)
    receive(actor=world.actor("deputy"), member_id=reported_row.pk)
    row = served_wish(world)
    asked = {"wish_id": row.pk, "done": True, "asked_how": "visit", "words": "老人点头"}
    with pytest.raises(NotAllowed):
        services_wishes.answer_for(actor=world.actor("secretary"), **asked)
    with pytest.raises(RuleViolation):
        services_wishes.answer_for(actor=world.actor("deputy"), **(asked | {"asked_how": ""}))
    with pytest.raises(RuleViolation, match="asked_how"):
        apply_transition(
            actor=world.actor("deputy"), matter_id=row.pk, name="confirm_for", inputs=Inputs(internal="办了")
        )
    services_wishes.answer_for(actor=world.actor("deputy"), **asked)
    last = History.objects.filter(matter=row.pk).order_by("-number").first()
    assert last is not None and last.data == {"asked_how": "visit"}
    assert last.person_id == world.people["deputy"].pk


def test_claimed_only_by_who_reported_in_and_was_seen(world: World) -> None:
    row = wish(world)
    with pytest.raises(NotAllowed, match="报到以后"):
        services_wishes.claim(actor=world.actor("resident"), wish_id=row.pk)
    reported(world, received=False)
    with pytest.raises(NotAllowed, match="社区收到"):
        services_wishes.claim(actor=world.actor("member"), wish_id=row.pk)
    with pytest.raises(NotVisible):
        apply_transition(actor=world.actor("member"), matter_id=row.pk, name="claim")
    with pytest.raises(NotAllowed):
        apply_transition(actor=world.actor("secretary"), matter_id=row.pk, name="claim")


def test_nobody_claims_ones_own_nor_hoards(world: World) -> None:
    reported(world)
    own = wish(world, helped_id=world.people["member"].pk, helped="")
    with pytest.raises(NotAllowed, match="报告人"):
        services_wishes.claim(actor=world.actor("member"), wish_id=own.pk)
    for number in range(3):
        services_wishes.claim(actor=world.actor("member"), wish_id=wish(world, title=f"心愿{number}").pk)
    with pytest.raises(RuleViolation, match="手上已有 3 件"):
        services_wishes.claim(actor=world.actor("member"), wish_id=wish(world, title="第四件").pk)


def test_given_back_it_is_anybodys_again(world: World) -> None:
    reported(world), reported(world, "other")
    row = wish(world)
    services_wishes.claim(actor=world.actor("member"), wish_id=row.pk)
    with pytest.raises(NotVisible):
        services_wishes.give_back(actor=world.actor("other"), wish_id=row.pk)
    services_wishes.give_back(actor=world.actor("member"), wish_id=row.pk)
    assert services_wishes.claim(actor=world.actor("other"), wish_id=row.pk).matter.state == "claimed"
    services_wishes.release(actor=world.actor("secretary"), wish_id=row.pk, reason="联系不上")
    assert Wish.objects.get(pk=row.pk).member is None


def test_outside_its_places_it_does_not_exist(world: World) -> None:
    row = wish(world)
    with pytest.raises(NotVisible):
        services_wishes.release(actor=world.actor("outsider"), wish_id=row.pk, reason="x")
    with pytest.raises(NotVisible):
        wish_page(world.actor("far"), row.pk, None)
    with pytest.raises(NotVisible):
        wish(world, place=TWO)
    assert Account.objects.filter(username="outsider").exists()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"category": "other"}, "category"),
        ({"place_code": "210202005"}, "place_code"),
        ({"title": " "}, "title"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(world: World, more: dict, field: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        said(world, **more)
    assert refused.value.field == field and not Wish.objects.exists()


def test_who_no_longer_has_a_phone_is_asked(world: World) -> None:
    reported(world)
    row = served_wish(world, helped_id=world.people["resident"].pk, helped="")
    with pytest.raises((NotAllowed, NotVisible)):
        services_wishes.note_no_phone(actor=world.actor("member"), wish_id=row.pk, helped="五号楼老人")
    services_wishes.note_no_phone(actor=world.actor("deputy"), wish_id=row.pk, helped="五号楼老人")
    services_wishes.answer_for(
        actor=world.actor("deputy"), wish_id=row.pk, done=True, asked_how="call", words="说好了"
    )
    assert Served.objects.count() == 1


def test_who_did_it_neither_asks_nor_says_that_there_is_no_phone(world: World) -> None:
    """The secretary reports in, claims and does it: each step of asking is for somebody else of the community."""
    world.people["member"], world.accounts["member"] = world.people["secretary"], world.accounts["secretary"]
    receive(actor=world.actor("deputy"), member_id=reported(world, received=False).pk)
    row = served_wish(world, helped_id=world.people["resident"].pk, helped="")
    with pytest.raises(NotAllowed, match="须由他人"):
        services_wishes.note_no_phone(actor=world.actor("secretary"), wish_id=row.pk, helped="五号楼老人")
    services_wishes.note_no_phone(actor=world.actor("deputy"), wish_id=row.pk, helped="五号楼老人")
    asked = {"wish_id": row.pk, "done": False, "asked_how": "call", "words": "还差一个"}
    with pytest.raises(NotAllowed):
        services_wishes.answer_for(actor=world.actor("secretary"), **asked)
    with pytest.raises(RuleViolation) as refused:
        services_wishes.answer_for(actor=world.actor("deputy"), **(asked | {"asked_how": "letter"}))
    assert refused.value.field == "asked_how"
    assert services_wishes.answer_for(actor=world.actor("deputy"), **asked).matter.state == "claimed"


def test_a_wish_of_another_district_does_not_exist(world: World) -> None:
    row = wish(world)
    member = reported(world)
    type(member).objects.filter(pk=member.pk).update(place_code="210203001001")
    with pytest.raises(NotVisible):
        services_wishes.claim(actor=world.actor("member"), wish_id=row.pk)
