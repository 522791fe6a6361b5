"""Addresses of coverage: the desk's under /desk/coverage/, an instructor's phone under /visits/, published pages under /brands/."""

from __future__ import annotations

from django.urls import path

from doorstep.modules.coverage import (
    views,
    views_communities,
    views_organisations,
    views_pages,
    views_visits,
)

app_name = "coverage"
urlpatterns = [
    path("desk/coverage/", views.home, name="home"),
    path("desk/coverage/places/<str:code>/", views.place, name="place"),
    path("desk/coverage/places/<str:code>/map.geojson", views.map_of_place, name="map"),
    path("desk/coverage/places/<str:code>/joint/", views.studio, name="studio"),
    path("desk/coverage/organisations/new/", views_organisations.organisation_new, name="organisation_new"),
    path("desk/coverage/organisations/<int:pk>/", views_organisations.organisation, name="organisation"),
    path("desk/coverage/organisations/<int:pk>/correct/", views_organisations.correct, name="correct"),
    path("desk/coverage/organisations/<int:pk>/count/", views_organisations.count, name="count"),
    path("desk/coverage/organisations/<int:pk>/cover/", views_organisations.cover, name="cover"),
    path("desk/coverage/organisations/<int:pk>/join/", views_organisations.join, name="join"),
    path("desk/coverage/joint/new/", views_organisations.joint, name="joint"),
    path("desk/coverage/coverings/<int:pk>/end/", views_organisations.uncover, name="uncover"),
    path("desk/coverage/gaps/<int:pk>/plan/", views_organisations.plan, name="plan"),
    path("desk/coverage/visits/<int:pk>/cancel/", views_visits.cancel, name="visit_cancel"),
    path("desk/coverage/pages/new/<slug:kind>/", views_pages.page_new, name="page_new"),
    path("desk/coverage/pages/<int:pk>/", views_pages.page, name="page"),
    path("desk/coverage/pages/<int:pk>/change/", views_pages.page_change, name="page_change"),
    path("desk/coverage/pages/<int:pk>/picture/", views_pages.page_picture, name="page_picture"),
    path("desk/coverage/pages/<int:pk>/do/<slug:act>/", views_pages.page_step, name="page_step"),
    path("desk/coverage/pages/<int:pk>/say/<slug:act>/", views_pages.page_reasoned, name="page_reasoned"),
    path("desk/coverage/assistance/new/", views_communities.assistance_new, name="assistance_new"),
    path("desk/coverage/assistance/<int:pk>/", views_communities.assistance, name="assistance"),
    path("desk/coverage/assistance/<int:pk>/day/", views_communities.day, name="day"),
    path("desk/coverage/assistance/<int:pk>/decide/", views_communities.decide, name="decide"),
    path("desk/coverage/parts/new/", views_communities.part_new, name="part_new"),
    path("desk/coverage/parts/<int:pk>/end/", views_communities.part_end, name="part_end"),
    path("desk/coverage/coordination/<int:unit_id>/", views_communities.coordination, name="coordination"),
    path("desk/coverage/coordination/<int:unit_id>/member/", views_communities.member_new, name="member_new"),
    path("desk/coverage/members/<int:pk>/end/", views_communities.member_end, name="member_end"),
    path("desk/coverage/sessions/<int:pk>/refer/", views_communities.refer, name="refer"),
    path("visits/", views_visits.my_visits, name="my_visits"),
    path("visits/new/", views_visits.visit, name="visit"),
    path("brands/", views_pages.brands, name="brands"),
    path("brands/<int:pk>/", views_pages.brand, name="brand"),
    path("brands/<int:pk>.jpg", views_pages.picture, name="brand_picture"),
]
