"""Addresses of redemption: the volunteer's under /shop/, the merchant's under /merchant/, the desk's under /desk/."""

from __future__ import annotations

from django.urls import path, re_path

from doorstep.modules.volunteering import (
    views_merchant,
    views_papers,
    views_programmes,
    views_redeeming,
    views_shop,
)

NUMBER = r"(?P<number>[0-9]{11})"
urlpatterns = [
    path("shop/", views_shop.shop, name="shop"),
    path("shop/<int:pk>/", views_shop.item, name="item"),
    path("shop/slips/", views_shop.slips, name="slips"),
    re_path(rf"^shop/slips/{NUMBER}/$", views_shop.slip, name="slip"),
    re_path(rf"^shop/slips/{NUMBER}/now/$", views_shop.slip_now, name="slip_now"),
    re_path(rf"^shop/slips/{NUMBER}/act/$", views_shop.slip_act, name="slip_act"),
    re_path(rf"^shop/slips/{NUMBER}\.pdf$", views_papers.slip, name="slip_paper"),
    re_path(rf"^shop/slips/{NUMBER}/proof\.json$", views_shop.proof, name="slip_proof"),
    path("merchant/", views_merchant.merchant, name="merchant"),
    re_path(rf"^merchant/slips/{NUMBER}/$", views_merchant.slip, name="merchant_slip"),
    re_path(rf"^merchant/slips/{NUMBER}/now/$", views_merchant.slip_now, name="merchant_slip_now"),
    re_path(rf"^merchant/slips/{NUMBER}/act/$", views_merchant.slip_act, name="merchant_slip_act"),
    re_path(rf"^merchant/slips/{NUMBER}\.pdf$", views_papers.merchant_slip, name="merchant_slip_paper"),
    path("merchant/months/", views_merchant.months, name="merchant_months"),
    path("merchant/months/<int:pk>.pdf", views_papers.merchant_statement, name="merchant_statement"),
    path("merchant/months/<int:pk>/agree/", views_merchant.agree, name="agree_settlement"),
    path("desk/programmes/new/", views_programmes.new_programme, name="new_programme"),
    path("desk/programmes/<int:pk>/", views_programmes.programme, name="programme"),
    path("desk/programmes/<int:pk>/change/", views_programmes.change_programme, name="change_programme"),
    path("desk/programmes/<int:pk>/fund/", views_programmes.add_fund, name="add_fund"),
    path("desk/programmes/<int:pk>/partners/new/", views_programmes.add_partner, name="add_partner"),
    path("desk/programmes/<int:pk>/items/new/", views_programmes.add_item, name="add_item"),
    path("desk/items/<int:pk>/change/", views_programmes.change_item, name="change_item"),
    path("desk/items/<int:pk>/deliver/", views_programmes.deliver, name="deliver"),
    path("desk/items/<int:pk>/write-off/", views_programmes.write_off, name="write_off"),
    path("desk/redeem/", views_redeeming.desk, name="desk"),
    path("desk/redeem/offer/", views_redeeming.offer, name="desk_offer"),
    re_path(rf"^desk/redeem/{NUMBER}/$", views_redeeming.hand, name="hand"),
    re_path(rf"^desk/redeem/{NUMBER}/back/$", views_redeeming.give_back, name="give_back"),
    re_path(rf"^desk/slips/{NUMBER}/void/$", views_redeeming.void, name="void_slip"),
    re_path(rf"^desk/slips/{NUMBER}\.pdf$", views_papers.desk_slip, name="desk_slip_paper"),
    path("desk/settlements/", views_redeeming.settlements, name="settlements"),
    path("desk/settlements/new/", views_redeeming.settle, name="settle"),
    path("desk/settlements/<int:pk>.pdf", views_papers.desk_statement, name="desk_statement"),
    path("desk/settlements/<int:pk>/pay/", views_redeeming.pay, name="pay_settlement"),
]
