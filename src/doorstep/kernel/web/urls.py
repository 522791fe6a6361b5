"""Addresses of the registers, under /desk/r/."""

from __future__ import annotations

from django.urls import path, re_path

from doorstep.kernel.web.imports import views as imports
from doorstep.kernel.web.register_pages import views

app_name = "web"
urlpatterns = [
    path("<str:key>/", views.register_list, name="register"),
    path("<str:key>/print/", views.register_print, name="register_print"),
    path("<str:key>/text/", views.register_text, name="register_text"),
    path("<str:key>/columns/", views.choose_columns, name="register_columns"),
    re_path(r"^(?P<key>[\w.-]+)/export\.(?P<form>xlsx|csv)$", views.register_export, name="register_export"),
    path("<str:key>/import/", imports.import_start, name="import_start"),
    path("<str:key>/import/template.xlsx", imports.import_template, name="import_template"),
    path("<str:key>/import/<int:job_id>/", imports.import_job, name="import_job"),
    path("<str:key>/import/<int:job_id>/step/", imports.import_step, name="import_step"),
    path("<str:key>/import/<int:job_id>/problems.xlsx", imports.import_problems, name="import_problems"),
    path("<str:key>/record/<str:pk>/", views.register_record, name="record"),
]
