"""Addresses of the registers, under /desk/r/."""

from __future__ import annotations

from django.urls import path, re_path

from doorstep.kernel.web.register_pages import views

app_name = "web"
urlpatterns = [
    path("<str:key>/", views.register_list, name="register"),
    path("<str:key>/print/", views.register_print, name="register_print"),
    path("<str:key>/text/", views.register_text, name="register_text"),
    path("<str:key>/columns/", views.choose_columns, name="register_columns"),
    re_path(r"^(?P<key>[\w.-]+)/export\.(?P<form>xlsx|csv)$", views.register_export, name="register_export"),
    path("<str:key>/record/<str:pk>/", views.register_record, name="record"),
]
