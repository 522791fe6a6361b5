"""Addresses of the vanguard: members' and residents' phones, the desk's under /desk/vanguard/."""

from __future__ import annotations

from django.urls import path, re_path

from doorstep.modules.vanguard import (
    views_calls,
    views_callups,
    views_feedback,
    views_lists,
    views_map,
    views_member,
    views_office,
    views_wishes,
)

app_name = "vanguard"
urlpatterns = [
    path("member/", views_member.member, name="member"),
    path("member/change/", views_member.change, name="change"),
    path("member/leave/", views_member.leave, name="leave"),
    path("member/consent/", views_member.consent, name="consent"),
    path("member/wishes/", views_member.wishes, name="member_wishes"),
    path("member/wishes/<int:pk>/", views_member.wish, name="member_wish"),
    path("member/shifts/", views_member.shifts, name="shifts"),
    path("member/shifts/<int:pk>/", views_member.shift, name="shift"),
    path("calls/", views_calls.calls, name="calls"),
    path("calls/<int:pk>/", views_calls.call, name="call"),
    path("wishes/", views_wishes.own, name="wishes"),
    path("wishes/new/", views_wishes.say, name="say"),
    path("wishes/<int:pk>/", views_wishes.wish, name="wish"),
    path("desk/vanguard/areas/", views_map.areas, name="areas"),
    re_path(r"^desk/vanguard/areas/(?P<code>[0-9]{6,12})/map\.geojson$", views_map.area_map, name="area_map"),
    path("desk/vanguard/new/<slug:what>/", views_lists.add, name="add"),
    path("desk/vanguard/give/<slug:what>/<int:pk>/", views_lists.give, name="give"),
    path("desk/vanguard/end/<slug:what>/<int:pk>/", views_lists.end, name="end"),
    path("desk/vanguard/holdings/<int:pk>/end/", views_lists.let_go, name="let_go"),
    path("desk/vanguard/projects/<int:pk>/", views_lists.project, name="project"),
    path("desk/vanguard/members/<int:pk>/receive/", views_lists.receive, name="receive"),
    path("desk/vanguard/callups/", views_callups.callups, name="callups"),
    path("desk/vanguard/callups/new/", views_callups.call_up, name="call_up"),
    path("desk/vanguard/callups/<int:pk>/", views_callups.board, name="callup"),
    path("desk/vanguard/callups/<int:pk>/position/", views_callups.position, name="position"),
    path("desk/vanguard/callups/<int:pk>/end/", views_callups.end, name="end_callup"),
    path("desk/vanguard/callups/<int:pk>/roster/", views_callups.roster, name="roster"),
    path("desk/vanguard/callups/shifts/<int:pk>/", views_callups.shift, name="desk_shift"),
    path("desk/vanguard/wishes/", views_office.board, name="board"),
    path("desk/vanguard/wishes/new/", views_office.collect, name="collect"),
    path("desk/vanguard/wishes/<int:pk>/", views_office.wish, name="office_wish"),
    path("desk/vanguard/feedback/", views_feedback.telling, name="telling"),
    path("desk/vanguard/feedback/<int:pk>/", views_feedback.feedback, name="feedback"),
    path("desk/vanguard/feedback/<int:pk>/paper.pdf", views_feedback.paper, name="feedback_paper"),
    path("desk/vanguard/told/", views_feedback.told, name="told"),
]
