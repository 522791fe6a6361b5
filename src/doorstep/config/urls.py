"""Addresses of the platform."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

handler500 = "doorstep.kernel.web.frame.outage.trouble"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("doorstep.surfaces.doorway.urls")),  # first: asked most, and each is looked for in order
    path("", include("doorstep.kernel.web.frame.urls")),
    path("", include("doorstep.kernel.authority.urls")),
    path("", include("doorstep.kernel.people.urls")),
    path("", include("doorstep.kernel.audit.urls")),
    path("", include("doorstep.kernel.matters.urls")),
    path("", include("doorstep.surfaces.desk.urls")),
    path("patrol/", include("doorstep.surfaces.patrol.urls")),
    path("", include("doorstep.surfaces.briefs.urls")),
    path("api/", include("doorstep.surfaces.api.urls")),
    path("open311/", include("doorstep.surfaces.open311.urls")),
    path("", include("doorstep.modules.grids.urls")),
    path("", include("doorstep.modules.requests.urls")),
    path("", include("doorstep.modules.volunteering.urls")),
    path("", include("doorstep.modules.culture.urls")),
    path("", include("doorstep.modules.coverage.urls")),
    path("", include("doorstep.modules.partnership.urls")),
    path("", include("doorstep.modules.vanguard.urls")),
    path("desk/chain/", include("doorstep.modules.chain.urls")),
    path("desk/figures/", include("doorstep.kernel.indicators.urls")),
    path("places/", include("doorstep.kernel.places.urls")),
    path("desk/r/", include("doorstep.kernel.web.urls")),
    path("", include("doorstep.kernel.web.jobs.urls")),
    path("", include("doorstep.kernel.web.numbers.urls")),
]
