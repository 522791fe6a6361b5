"""Addresses of cultural events: the calendar under /calendar/, an event's page under /culture/, the desk's under /desk/culture/."""

from __future__ import annotations

from django.urls import path, re_path

from doorstep.modules.culture import (
    views,
    views_calendar,
    views_desk,
    views_lists,
    views_money,
    views_pictures,
)

app_name = "culture"
urlpatterns = [
    re_path(r"^calendar/(?P<code>[0-9]{6,15})/$", views_calendar.calendar, name="calendar"),
    re_path(r"^calendar/(?P<code>[0-9]{6,15})\.ics$", views_calendar.feed, name="feed"),
    path("culture/event/<int:pk>/", views.event, name="event"),
    path("culture/event/<int:pk>/feedback/", views.feedback, name="feedback"),
    path("culture/pictures/<int:pk>.jpg", views_pictures.picture, name="picture"),
    path(
        "culture/pictures/<int:pk>-small.jpg", views_pictures.picture, {"small": True}, name="picture_small"
    ),
    path("culture/pictures/<int:pk>/down/", views_pictures.ask_down, name="ask_down"),
    path("desk/culture/events/new/", views_desk.plan, name="plan"),
    path("desk/culture/events/<int:pk>/", views_desk.event, name="desk_event"),
    path("desk/culture/events/<int:pk>/change/", views_desk.change, name="change"),
    path("desk/culture/events/<int:pk>/move/", views_desk.move, name="move"),
    path("desk/culture/events/<int:pk>/cancel/", views_desk.cancel, name="cancel"),
    path("desk/culture/events/<int:pk>/confirm/", views_desk.confirm_event, name="confirm"),
    path("desk/culture/events/<int:pk>/cost/", views_money.cost, name="cost"),
    path("desk/culture/events/<int:pk>/picture/", views_pictures.add, name="add_picture"),
    path("desk/culture/pictures/<int:pk>/", views_pictures.look, name="picture_look"),
    path("desk/culture/feedback/<int:pk>/", views_lists.feedback, name="feedback_look"),
    path("desk/culture/costs/<int:pk>/back/", views_money.take_back, name="take_back"),
    path("desk/culture/purses/<int:pk>/grant/", views_money.grant, name="grant"),
    path("desk/culture/close/", views_money.close, name="close"),
    path("desk/culture/new/<slug:what>/", views_lists.add, name="add"),
    path("desk/culture/end/<slug:what>/<int:pk>/", views_lists.end, name="end"),
]
