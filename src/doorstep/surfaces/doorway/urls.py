"""Addresses of the doorway."""

from django.urls import path

from doorstep.surfaces.doorway import views, views_rates, views_report, views_sign_in, views_told

app_name = "doorway"
urlpatterns = [
    path("", views.home, name="home"),
    path("door/", views.find, name="find"),
    path("door/near/", views.near, name="near"),
    path("door/forget/", views.forget_door, name="forget_door"),
    path("door/in/<str:code>/", views.place, name="place"),
    path("door/<int:building_id>/", views.door, name="door"),
    path("door/<int:building_id>/keep/", views.keep_door, name="keep_door"),
    path("report/", views_report.report, name="report"),
    path("report/place/", views_report.place, name="report_place"),
    path("report/hints/", views_report.hints, name="report_hints"),
    path("report/sent/", views_report.sent, name="sent"),
    path("report/kept/", views_report.shell, name="report_kept"),
    path("nearby/", views.nearby, name="nearby"),
    path("report/follow/", views_told.follow_offered, name="follow_offered"),
    path("rates/", views_rates.rates, name="rates"),
    path("rates/<str:code>/", views_rates.rates, name="rates_of"),
    path("mine/", views.mine, name="mine"),
    path("mine/told/", views_told.all_told, name="all_told"),
    path("mine/told/<int:matter_id>/", views_told.matter, name="told"),
    path("mine/told/<int:matter_id>/act/", views_told.act, name="told_act"),
    path("mine/follows/<int:matter_id>/stop/", views_told.stop_following, name="stop_following"),
    path("sign-in/phone/", views_sign_in.sign_in, name="sign_in"),
    path("sign-in/phone/code/", views_sign_in.code, name="sign_in_code"),
    path("sign-in/phone/name/", views_sign_in.name, name="sign_in_name"),
    path("account/phone/change/", views_sign_in.change_number, name="change_number"),
    path("account/erase/", views_sign_in.erase, name="erase"),
    path("follow/", views_told.follow_code, name="follow_code"),
]
