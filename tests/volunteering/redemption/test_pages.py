"""The pages of the volunteer, the merchant and the desk, as they are asked for."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from doorstep.kernel.ledger.proofs import Forged, checked, public_keys
from doorstep.kernel.ledger.selectors import balance
from doorstep.kernel.shared import clock
from doorstep.modules.volunteering.cards import card_index, new_card_code
from doorstep.modules.volunteering.models import Item, Programme, Settlement, Slip, Volunteer
from doorstep.modules.volunteering.models_redemption import VOID
from doorstep.modules.volunteering.services_slip_ends import lapse_offers
from doorstep.modules.volunteering.services_slips import offer_slip
from tests.sign_in import client_of
from tests.volunteering.redemption.world import DISTRICT, STREET, World

SLIP = "volunteering:slip"


def clerk_of(world: World) -> Client:
    return client_of(world.district.accounts["merchant"])


def officer(world: World, role: str = "street") -> Client:
    return client_of(world.district.accounts[role])


def mine(world: World, volunteer: Volunteer) -> Client:
    return client_of(world.account_of(volunteer))


def text(answer) -> str:
    return answer.content.decode()


def test_from_the_shop_to_the_goods_on_two_phones(world: World) -> None:
    volunteer = world.volunteer(100)
    phone, shop = mine(world, volunteer), clerk_of(world)
    page = text(phone.get("/shop/"))
    assert "五福林海" in page and "现在就能换" in page and "演示便民商店" in page
    page = text(phone.get(f"/shop/{world.bread.pk}/"))
    key = re.search(r'name="key" value="([^"]+)"', page)[1]
    for _tap in range(2):  # a second tap is the same slip
        made = phone.post(f"/shop/{world.bread.pk}/", {"key": key})
    slip = Slip.objects.get()
    assert made.url == f"/shop/slips/{slip.number}/" and balance(volunteer.points_id) == 70
    page = text(phone.get(made.url))
    digest = re.search(r"(?:[0-9a-f]{4} ){3}[0-9a-f]{4}", page)[0]
    assert "data:image/svg+xml" in page and 'hx-trigger="every 3s"' in page
    assert "演示志愿者" not in page and "演" + "*" * 5 in page
    asked = shop.get("/merchant/", {"n": f"https://any/merchant/?n={slip.number}"})
    assert asked.url == f"/merchant/slips/{slip.number}/"
    page = text(shop.get(asked.url))
    assert digest in page and "面包" in page and "演示志愿者" not in page
    shop.post(f"{asked.url}act/", {"do": "offer"})
    assert "东西拿到了，确认" in text(phone.get(f"{made.url}now/"))
    phone.post(f"{made.url}act/", {"do": "confirm"})
    assert Slip.objects.get().state == "handed"
    assert "顾客已确认" in text(shop.get(f"{asked.url}now/")) and "已兑换" in text(
        phone.get(f"{made.url}now/")
    )
    assert "hx-get" not in text(phone.get(f"{made.url}now/"))
    assert "面包" in text(shop.get("/merchant/"))


def test_what_a_slip_carries_proves_itself_and_a_forged_one_does_not(world: World, tmp_path, capsys) -> None:
    volunteer = world.volunteer(100)
    slip = world.slip(volunteer)
    answer = mine(world, volunteer).get(f"/shop/slips/{slip.number}/proof.json")
    proof = json.loads(answer.content)
    keys = public_keys()
    told = checked(proof, keys)
    assert told["about"] == f"slip:{slip.number}" and told["moves"][0]["amount"] == 30
    (tmp_path / "slip.json").write_bytes(answer.content)
    call_command("check_ledger_proof", str(tmp_path / "slip.json"), "--key", keys[0])
    assert "成立" in capsys.readouterr().out
    for forged in (
        proof | {"text": proof["text"].replace(slip.number, "12345678903")},
        proof | {"text": proof["text"].replace(",30,", ",3,")},
        proof | {"signature": "00" * 64},
        {**proof, "form": "other"},
    ):
        assert forged != proof
        with pytest.raises(Forged):
            checked(forged, keys)
        (tmp_path / "forged.json").write_text(json.dumps(forged, ensure_ascii=False))
        with pytest.raises(SystemExit):
            call_command("check_ledger_proof", str(tmp_path / "forged.json"), "--key", keys[0])
    with pytest.raises(Forged):
        checked(proof, ["00" * 32])


def test_somebody_elses_slip_does_not_exist(world: World) -> None:
    volunteer, other = world.volunteer(100), world.volunteer(100)
    number, stranger = world.slip(volunteer).number, mine(world, other)
    for path in ("", "now/", "proof.json"):
        assert stranger.get(f"/shop/slips/{number}/{path}").status_code == 404
    assert stranger.post(f"/shop/slips/{number}/act/", {"do": "confirm"}).status_code == 404
    assert officer(world, "property").get(f"/merchant/slips/{number}/").status_code == 404
    own = mine(world, volunteer)
    assert own.get(f"/merchant/slips/{number}/").status_code == 404
    assert own.get("/merchant/").status_code == 404
    assert Client().get("/shop/").url.startswith("/sign-in/phone/")


def test_refusals_are_said_on_the_page(world: World) -> None:
    poor = world.volunteer(10)
    phone = mine(world, poor)
    answer = phone.post(f"/shop/{world.bread.pk}/", {"key": uuid.uuid4()})
    assert answer.status_code == 422 and "要 30 分，您有 10 分" in text(answer)
    assert "还差 20 分" in text(phone.get(f"/shop/{world.bread.pk}/"))
    assert phone.post(f"/shop/{world.bread.pk}/", {"key": "x"}).status_code == 404
    assert phone.get("/shop/99999999/").status_code == 404
    shop = clerk_of(world)
    answer = shop.get("/merchant/", {"n": "12345678901"})
    assert answer.status_code == 422 and "编号不对" in text(answer)
    rich = world.volunteer(100)
    number = world.slip(rich).number
    answer = mine(world, rich).post(f"/shop/slips/{number}/act/", {"do": "confirm"})
    assert answer.status_code == 422 and "商户还没有确认" in text(answer)


def test_who_is_no_volunteer_is_told_what_to_do(world: World) -> None:
    assert "您还不是志愿者" in text(officer(world, "resident").get("/shop/"))


def test_giving_up_and_declining(world: World) -> None:
    volunteer = world.volunteer(100)
    slip, phone = world.slip(volunteer), mine(world, volunteer)
    offer_slip(actor=world.clerk, number=slip.number)
    phone.post(f"/shop/slips/{slip.number}/act/", {"do": "decline"})
    assert Slip.objects.get().state == "held"
    phone.post(f"/shop/slips/{slip.number}/act/", {"do": "give_up"})
    assert Slip.objects.get().state == "void" and balance(volunteer.points_id) == 100


def test_the_number_of_queries_does_not_grow(world: World, django_assert_max_num_queries) -> None:
    volunteer = world.volunteer(1000)
    for n in range(12):
        world.slip(volunteer, world.item(f"物品{n}", 5, 9, fen=10))
    phone, desk, shop = mine(world, volunteer), officer(world), clerk_of(world)
    for client, path, most in (
        (phone, "/shop/", 16), (phone, "/shop/slips/", 9), (desk, f"/desk/programmes/{world.programme.pk}/", 24),
        (shop, "/merchant/", 12),
    ):  # fmt: skip
        client.get(path)
        with django_assert_max_num_queries(most):
            assert client.get(path).status_code == 200


def test_a_programme_is_made_and_filled_on_pages(fresh_world: World) -> None:
    world = fresh_world
    client = officer(world)
    office = world.district.units["street_office", STREET].pk
    data = {
        "place_code": STREET, "name": "微光望海", "organiser": office, "slip_days": 10, "void_days": 3,
        "valid_from": "2026-06-01",
    }  # fmt: skip
    made = client.post("/desk/programmes/new/", data)
    programme = Programme.objects.get(name="微光望海")
    page = f"/desk/programmes/{programme.pk}/"
    assert made.url == page and programme.slip_days == 10
    again = client.post("/desk/programmes/new/", data)
    assert again.status_code == 422 and "同名" in text(again)
    key = uuid.uuid4()
    for _twice in range(2):
        fund = {
            "yuan": "1234.56",
            "source": "街道专项",
            "document": "演街〔2026〕3号",
            "day": "2026-06-01",
            "key": key,
        }
        assert client.post(f"{page}fund/", fund).url == page
    assert balance(programme.fund_id) == 123456
    for wrong in ("0", "-5", "1.234", "1e30", "abc"):
        assert client.post(f"{page}fund/", fund | {"yuan": wrong, "document": wrong}).status_code == 422
    client.post(
        f"{page}partners/new/", {"merchant": world.shop.pk, "document": "演协2", "valid_from": "2026-06-01"}
    )
    item = {
        "name": "鸡蛋", "kind": "goods", "points": 40, "merchant": world.shop.pk, "yuan": "8.50", "most": 2,
        "place_code": STREET, "valid_from": "2026-06-01",
    }  # fmt: skip
    assert client.post(f"{page}items/new/", item).url == page
    made = Item.objects.get(name="鸡蛋")
    assert made.fen == 850 and made.merchant_id == world.shop.pk
    for wrong in ("0", "-1", "1.5", "9" * 12):
        assert client.post(f"{page}items/new/", item | {"name": "x", "points": wrong}).status_code == 422
    key = uuid.uuid4()
    for _twice in range(2):
        client.post(f"/desk/items/{made.pk}/deliver/", {"pieces": 7, "day": "2026-06-02", "key": key})
    assert world.left(made) == (7, 0)
    answer = client.post(
        f"/desk/items/{made.pk}/write-off/", {"pieces": 8, "reason": "坏", "key": uuid.uuid4()}
    )
    assert answer.status_code == 422 and "库存没有这么多" in text(answer)
    client.post(f"/desk/items/{made.pk}/write-off/", {"pieces": 2, "reason": "坏", "key": uuid.uuid4()})
    assert world.left(made) == (5, 0)
    shown = text(client.get(page))
    assert "1,234.56" in shown and "鸡蛋" in shown and "演示便民商店" in shown and "不多了" in shown
    changed = client.post(
        f"/desk/items/{made.pk}/change/", item | {"points": 50, "version": made.lock_version}
    )
    assert changed.url == page and Item.objects.get(pk=made.pk).points == 50
    stale = client.post(f"/desk/items/{made.pk}/change/", item | {"points": 60, "version": made.lock_version})
    assert stale.status_code == 422 and "别人刚刚改过" in text(stale)
    assert "不再有效" not in text(client.get(f"{page}change/"))


def test_who_may_not_keep_a_programme(world: World) -> None:
    page = f"/desk/programmes/{world.programme.pk}/"
    assert officer(world, "outsider").get(page).status_code == 404
    assert officer(world, "secretary").get(page).status_code == 404  # a street's, from below
    assert officer(world, "department").get("/desk/programmes/new/").status_code == 404
    assert officer(world, "resident").get("/desk/redeem/").status_code == 404
    assert officer(world, "worker").get("/desk/settlements/").status_code == 404
    assert officer(world, "district").get(page).status_code == 200 and DISTRICT


def test_two_officers_at_the_desk(world: World) -> None:
    volunteer, code = world.volunteer(100), new_card_code()
    Volunteer.objects.filter(pk=volunteer.pk).update(card_index=card_index(code))
    first, second = officer(world, "secretary"), officer(world, "deputy")
    key = uuid.uuid4()
    assert "香皂" in text(first.get("/desk/redeem/"))
    wrong = first.post("/desk/redeem/", {"card": "AAAA", "item": world.soap.pk, "key": uuid.uuid4()})
    assert wrong.status_code == 422 and "没有这张卡" in text(wrong)
    assert first.post("/desk/redeem/", {"card": code, "item": world.soap.pk, "key": key}).status_code == 302
    number = Slip.objects.get().number
    assert "请另一位工作人员发放" in text(first.get("/desk/redeem/"))
    hand = f"/desk/redeem/{number}/"
    assert hand in text(second.get("/desk/redeem/"))
    assert first.post(hand, {"card": code}).status_code == 422
    assert second.post(hand, {"card": code}).url == "/desk/redeem/"
    assert Slip.objects.get().state == "handed" and Slip.objects.get().card
    page = text(second.get(f"/desk/slips/{number}/void/"))
    assert "演示志愿者" not in page
    assert second.post(f"/desk/slips/{number}/void/", {"reason": "发错了"}).status_code == 302
    assert Slip.objects.get().state == "void" and balance(volunteer.points_id) == 100


def test_what_was_not_collected_goes_back_to_the_card(world: World) -> None:
    volunteer, code = world.volunteer(100), new_card_code()
    Volunteer.objects.filter(pk=volunteer.pk).update(card_index=card_index(code))
    first, second = officer(world, "secretary"), officer(world, "deputy")
    first.post("/desk/redeem/", {"card": code, "item": world.soap.pk, "key": uuid.uuid4()})
    slip = Slip.objects.get()
    back = f"/desk/redeem/{slip.number}/back/"
    assert back in text(first.get("/desk/redeem/")) and balance(volunteer.points_id) == 80
    with clock.fixed(clock.now() + dt.timedelta(hours=1)):
        lapse_offers()
        assert "开了票没有领走" in text(first.get("/desk/redeem/"))
        again = first.post("/desk/redeem/offer/", {"number": slip.number}, follow=True)
        assert "请另一位工作人员发放" in text(again)
        assert officer(world, "outsider").get(back).status_code == 404
        wrong = second.post(back, {"card": new_card_code()})
        assert wrong.status_code == 422 and "卡号和小票对不上" in text(wrong)
        for _again in range(2):
            assert second.post(back, {"card": code}).url == "/desk/redeem/"
        slip.refresh_from_db()
        assert (slip.state, balance(volunteer.points_id), balance(world.soap.stock_id)) == (VOID, 100, 100)
        assert "开了票没有领走" not in text(first.get("/desk/redeem/"))


def test_only_a_slip_of_a_card_goes_back_at_the_desk(world: World) -> None:
    slip = world.slip(world.volunteer(100))
    assert officer(world, "secretary").get(f"/desk/redeem/{slip.number}/back/").status_code == 403


def test_a_month_is_settled_agreed_and_paid(world: World) -> None:
    for volunteer in world.more(3, 100):
        world.handed(volunteer)
    july = dt.date(2026, 7, 2)
    street, shop = officer(world), clerk_of(world)
    assert "没有要结算的" in text(street.get("/desk/settlements/"))
    assert "15.00" in text(shop.get("/merchant/months/"))
    with clock.fixed(july):
        page = text(street.get("/desk/settlements/"))
        assert "演示便民商店" in page and "15.00" in page
        what = {"programme": world.programme.pk, "merchant": world.shop.pk}
        street.post("/desk/settlements/new/", what)
        assert street.post("/desk/settlements/new/", what).status_code == 404  # nothing is left to settle
        made = Settlement.objects.get()
        assert (made.count, made.fen, made.month) == (3, 1500, dt.date(2026, 6, 1))
        pay = f"/desk/settlements/{made.pk}/pay/"
        early = street.post(pay, {"paid_on": "2026-07-02", "document": "演付1"})
        assert early.status_code == 422 and "商户还没有核对" in text(early)
        number = Slip.objects.first().number
        refused = shop.post(f"/merchant/slips/{number}/act/", {"do": "void", "reason": "坏"})
        assert refused.status_code == 422 and "已经结算" in text(refused)
        assert "核对无误" in text(shop.get("/merchant/months/?month=2026-06"))
        shop.post(f"/merchant/months/{made.pk}/agree/")
        assert street.post(f"/merchant/months/{made.pk}/agree/").status_code == 403
        assert shop.get(pay).status_code == 403
        for _twice in range(2):
            assert street.post(pay, {"paid_on": "2026-07-02", "document": "演付1"}).status_code == 302
        other = street.post(pay, {"paid_on": "2026-07-02", "document": "演付2"})
        assert other.status_code == 422
        assert world.money == (1_000_000 - 1500, 0, 0)
        assert "已付款，凭证 演付1" in text(shop.get("/merchant/months/?month=2026-06"))


@pytest.mark.parametrize(
    "key", ["programmes", "funds", "partners", "items", "deliveries", "slips", "settlements"]
)
def test_registers(world: World, key: str) -> None:
    world.handed(world.volunteer(100))
    client = officer(world)
    page = client.get(reverse("web:register", args=[f"volunteering.{key}"]))
    assert page.status_code == 200 and "演示志愿者" not in text(page)
    export = client.get(reverse("web:register", args=[f"volunteering.{key}"]) + "export/?format=csv")
    assert export.status_code in (200, 404)
