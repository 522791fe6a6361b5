"""Addresses of places as data."""

from __future__ import annotations

from django.urls import path

from doorstep.kernel.places import views

app_name = "places"
urlpatterns = [
    path("find", views.find, name="find"),
    path("areas", views.areas_below, name="areas_below"),
    path("outlines", views.outlines_below, name="outlines_below"),
]
