"""The platform's addresses, and beside them each template on an empty context: what a page costs without its data."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from doorstep.config.urls import urlpatterns as served


def bare(request: HttpRequest, template: str) -> HttpResponse:
    return render(request, template, {})


urlpatterns = [path("bare/<path:template>", bare), *served]
