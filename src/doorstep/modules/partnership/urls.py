"""Addresses of partners: the desk's under /desk/partnership/, a unit's own under /partner/, what anybody may read under /notices/."""

from __future__ import annotations

from django.urls import URLPattern

from doorstep.modules.partnership import urls_lists

app_name = "partnership"
urlpatterns: list[URLPattern] = [*urls_lists.urlpatterns]
