"""Addresses of the API."""

from django.urls import path

from doorstep.surfaces.api import docs
from doorstep.surfaces.api.api import api

urlpatterns = [path("docs/", docs.page, name="api_docs"), path("", api.urls)]
