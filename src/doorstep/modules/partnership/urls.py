"""Addresses of partners: the desk's under /desk/partnership/, a unit's own under /partner/, what anybody may read under /notices/."""

from __future__ import annotations

from django.urls import path, re_path

from doorstep.modules.partnership import (
    urls_lists,
    views_committee,
    views_meetings,
    views_pairing,
    views_partner,
    views_public,
    views_units,
)

app_name = "partnership"
_DESK = "desk/partnership/"
urlpatterns = [
    path("notices/commissioners/", views_public.notices, name="notices"),
    path("notices/commissioners/<int:pk>/", views_public.notice, name="notice"),
    path("partner/", views_partner.own, name="own"),
    path("partner/resolutions/<int:pk>/", views_partner.resolution, name="own_resolution"),
    path("partner/resolutions/<int:pk>/<slug:name>/", views_partner.resolution_step, name="own_step"),
    path(_DESK, views_units.home, name="home"),
    re_path(rf"^{_DESK}at/(?P<code>[0-9]{{6,12}})/$", views_units.place, name="place"),
    re_path(rf"^{_DESK}committee/(?P<code>[0-9]{{12}})/$", views_committee.committee, name="committee"),
    path(f"{_DESK}units/<int:unit_id>/", views_units.unit, name="unit"),
    path(f"{_DESK}agreements/new/", views_units.sign, name="sign"),
    path(f"{_DESK}agreements/<int:pk>/renew/", views_units.renew, name="renew"),
    path(f"{_DESK}agreements/<int:pk>/end/", views_units.end, name="end"),
    path(f"{_DESK}commissioners/new/", views_committee.nomination_new, name="nomination_new"),
    path(f"{_DESK}commissioners/<int:pk>/", views_committee.nomination, name="nomination"),
    path(
        f"{_DESK}commissioners/<int:pk>/<slug:name>/", views_committee.nomination_step, name="nomination_step"
    ),
    path(f"{_DESK}meetings/new/", views_meetings.call, name="call"),
    path(f"{_DESK}meetings/<int:pk>/", views_meetings.consultation, name="consultation"),
    path(f"{_DESK}meetings/<int:pk>/topic/", views_meetings.topic_new, name="topic_new"),
    path(f"{_DESK}meetings/<int:pk>/minutes/", views_meetings.minutes, name="minutes"),
    path(f"{_DESK}meetings/<int:pk>/resolve/", views_meetings.resolve, name="resolve"),
    path(f"{_DESK}meetings/<int:pk>/cancel/", views_meetings.call_off, name="call_off"),
    path(f"{_DESK}topics/<int:pk>/<slug:take>/", views_meetings.topic_screen, name="topic_screen"),
    path(f"{_DESK}resolutions/<int:pk>/assign/", views_meetings.assign, name="assign"),
    path(f"{_DESK}activities/new/", views_meetings.gathering_new, name="gathering_new"),
    path(f"{_DESK}pairings/new/", views_pairing.new, name="pairing_new"),
    path(f"{_DESK}pairings/<int:pk>/", views_pairing.pairing, name="pairing"),
    path(f"{_DESK}pairings/<int:pk>/end/", views_pairing.end, name="pairing_end"),
    path(f"{_DESK}pairings/<int:pk>/item/", views_pairing.item_new, name="item_new"),
    path(f"{_DESK}pairings/<int:pk>/deed/", views_pairing.deed_new, name="deed_new"),
    path(f"{_DESK}plan/<int:pk>/drop/", views_pairing.item_drop, name="item_drop"),
    path(f"{_DESK}deeds/<int:pk>/<slug:what>/", views_pairing.deed_act, name="deed_act"),
    path(f"{_DESK}departments/<int:unit_id>/", views_pairing.department, name="department"),
    *urls_lists.urlpatterns,
]
