"""Addresses of requests on the desk: call-backs, the three rates, the hotline desk."""

from __future__ import annotations

from django.urls import path

from doorstep.modules.requests import (
    views_adding,
    views_call_backs,
    views_desk,
    views_hotline,
    views_lists,
    views_rates,
    views_spot_checks,
)

app_name = "requests"
urlpatterns = [
    path("desk/call-backs/", views_call_backs.desk, name="call_backs"),
    path("desk/call-backs/<str:number>/", views_call_backs.one, name="call_back"),
    path("desk/call-backs/<str:number>/next/", views_call_backs.skip, name="call_back_next"),
    path("desk/call-backs/<str:number>/phone/", views_call_backs.phone, name="call_back_phone"),
    path("desk/call-backs/<str:number>/look/", views_spot_checks.look, name="look"),
    path("desk/hotline/", views_hotline.desk, name="hotline"),
    path("desk/hotline/sheet.xlsx", views_hotline.sheet, name="hotline_sheet"),
    path("desk/take/", views_desk.take, name="take"),
    path("desk/take/hints/", views_desk.hints, name="take_hints"),
    path("desk/lists/<slug:what>/new/", views_adding.add, name="add"),
    path("desk/lists/<slug:what>/<int:pk>/end/", views_lists.end, name="end"),
    path("desk/faults/<int:pk>/settle/", views_lists.settle, name="settle"),
    path("desk/rates/", views_rates.home, name="rates_home"),
    path("desk/rates/<str:code>/", views_rates.rates, name="rates"),
    path("desk/rates/<str:code>/rates.xlsx", views_rates.rates_file, name="rates_file"),
]
