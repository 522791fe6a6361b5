"""A merchant's goods for who has a card and no phone: two officers stand behind a slip on paper, the clerk takes the paper."""

from __future__ import annotations

import uuid

import pytest
from django.db import IntegrityError, transaction

from doorstep.kernel.ledger.selectors import balance
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.volunteering.cards import card_index, new_card_code, paper_code
from doorstep.modules.volunteering.models import Slip, Volunteer
from doorstep.modules.volunteering.models_redemption import HANDED, HELD
from doorstep.modules.volunteering.services_slips import (
    confirm_slip,
    make_slip_by_card,
    offer_slip,
    take_paper_slip,
    vouch_slip,
)
from tests.sign_in import client_of
from tests.volunteering.redemption.world import World
from tests.volunteering.test_papers import read


def with_card(world: World, points: int = 100) -> tuple[Volunteer, str]:
    volunteer, code = world.volunteer(points), new_card_code()
    Volunteer.objects.filter(pk=volunteer.pk).update(card_index=card_index(code))
    return volunteer, code


def issued(world: World, card: str) -> Slip:
    return make_slip_by_card(
        actor=world.actor("secretary"), item_id=world.bread.pk, key=uuid.uuid4(), card=card
    )


def vouched(world: World, card: str) -> Slip:
    return vouch_slip(actor=world.actor("deputy"), number=issued(world, card).number, card=card)


def test_two_officers_and_the_clerk(world: World) -> None:
    volunteer, card = with_card(world)
    slip = vouched(world, card)
    assert (slip.state, slip.card, balance(volunteer.points_id)) == (HELD, True, 70)
    done = take_paper_slip(actor=world.clerk, number=slip.number, code=paper_code(slip.number, slip.key))
    again = take_paper_slip(actor=world.clerk, number=slip.number, code="")
    assert done.state == again.state == HANDED and done.card
    assert (done.offered_by_id, done.handed_by_id) == (world.clerk.person_id, world.actor("deputy").person_id)
    assert world.left(world.bread) == (99, 0) and world.money[1:] == (0, 500)


def test_one_officer_is_not_enough(world: World) -> None:
    _volunteer, card = with_card(world)
    slip = issued(world, card)
    code = paper_code(slip.number, slip.key)
    with pytest.raises(RuleViolation, match="两位工作人员的签字"):
        take_paper_slip(actor=world.clerk, number=slip.number, code=code)
    with pytest.raises(NotAllowed, match="另一位工作人员"):
        vouch_slip(actor=world.actor("secretary"), number=slip.number, card=card)
    with pytest.raises(RuleViolation, match="对不上"):
        vouch_slip(actor=world.actor("deputy"), number=slip.number, card=new_card_code())
    for role in ("outsider", "merchant"):
        with pytest.raises((NotVisible, NotAllowed)):
            vouch_slip(actor=world.actor(role), number=slip.number, card=card)
    with pytest.raises(IntegrityError, match="slip_vouched_by_another"), transaction.atomic():
        Slip.objects.filter(pk=slip.pk).update(vouched_by=slip.issued_by_id, vouched_at=slip.made_at)


def test_the_number_alone_is_not_the_paper(world: World) -> None:
    """Who knows or guesses a number has no paper in hand; nor does the paper of another slip help."""
    _volunteer, card = with_card(world)
    _other, second = with_card(world)
    slip, other = vouched(world, card), vouched(world, second)
    for wrong in ("", "AAAAAAAA", paper_code(other.number, other.key), slip.number):
        with pytest.raises(RuleViolation, match="取货码不对"):
            take_paper_slip(actor=world.clerk, number=slip.number, code=wrong)
    with pytest.raises(RuleViolation, match="纸质小票"):
        offer_slip(actor=world.clerk, number=slip.number)
    slip.refresh_from_db()
    assert slip.state == HELD
    with pytest.raises(RuleViolation, match="签字"):
        plain = world.slip(world.volunteer())
        take_paper_slip(actor=world.clerk, number=plain.number, code=paper_code(plain.number, plain.key))
    with pytest.raises(NotAllowed):
        confirm_slip(actor=world.clerk, number=slip.number)


def test_on_the_desk_on_paper_and_at_the_merchants(world: World) -> None:
    _volunteer, card = with_card(world)
    first, second, shop = (
        client_of(world.district.accounts[role]) for role in ("secretary", "deputy", "merchant")
    )
    page = first.get("/desk/redeem/").content.decode()
    assert "面包（30 分，演示便民商店）" in page and "香皂（20 分，社区领取）" in page
    first.post("/desk/redeem/", {"key": str(uuid.uuid4()), "item": world.bread.pk, "card": card})
    slip = Slip.objects.get()
    code = paper_code(slip.number, slip.key)
    assert "请另一位工作人员签字" in first.get("/desk/redeem/").content.decode()
    assert code[:4] not in read(first.get(f"/desk/slips/{slip.number}.pdf")).pages[0].extract_text()
    assert "签字：面包" in second.get(f"/desk/redeem/{slip.number}/").content.decode()
    done = second.post(f"/desk/redeem/{slip.number}/", {"card": card}, follow=True).content.decode()
    assert "已签字，请打印小票" in done and f"/desk/slips/{slip.number}.pdf" in done
    paper = read(first.get(f"/desk/slips/{slip.number}.pdf"))
    assert f"{code[:4]} {code[4:]}" in paper.pages[0].extract_text()
    assert float(paper.pages[0].mediabox.width) == pytest.approx(58 / 25.4 * 72, abs=1)
    scanned = shop.get("/merchant/", {"n": f"http://testserver/merchant/?c={code}&n={slip.number}"})
    assert scanned["Location"] == f"/merchant/slips/{slip.number}/?c={code}"
    page = shop.get(scanned["Location"]).content.decode()
    assert f'value="{code}"' in page and "东西已给，收下小票" in page
    assert code not in shop.get(f"/merchant/slips/{slip.number}/").content.decode()
    assert code[:4] not in read(shop.get(f"/merchant/slips/{slip.number}.pdf")).pages[0].extract_text()
    act = f"/merchant/slips/{slip.number}/act/"
    refused = shop.post(act, {"do": "paper", "code": "AAAAAAAA"})
    assert refused.status_code == 422 and "取货码不对" in refused.content.decode()
    assert "已兑换" in shop.post(act, {"do": "paper", "code": code.lower()}, follow=True).content.decode()
    slip.refresh_from_db()
    assert slip.state == HANDED
