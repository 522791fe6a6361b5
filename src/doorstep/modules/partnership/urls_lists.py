"""Addresses of the four lists: the desk's, a unit's, a resident's, a rating slip's."""

from __future__ import annotations

from django.urls import path

from doorstep.modules.partnership import views_needs, views_offers, views_projects, views_resident, views_unit

urlpatterns = [
    path("desk/partnership/lists/", views_needs.board, name="lists"),
    path("desk/partnership/matches/", views_needs.matches, name="matches"),
    path("desk/partnership/needs/new/", views_needs.tell, name="need_new"),
    path("desk/partnership/needs/<int:pk>/", views_needs.need, name="need"),
    path("desk/partnership/needs/<int:pk>/<slug:act>/", views_needs.act, name="need_act"),
    path("desk/partnership/projects/<int:pk>/", views_projects.project, name="project"),
    path("desk/partnership/projects/<int:pk>/printed-slips/", views_projects.slips, name="slips"),
    path("desk/partnership/projects/<int:pk>/<slug:act>/", views_projects.project_act, name="project_act"),
    path("desk/partnership/duties/<int:pk>/<slug:act>/", views_projects.duty_act, name="duty_act"),
    path("desk/partnership/resources/new/", views_offers.new, name="resource_new"),
    path("desk/partnership/resources/<int:pk>/", views_offers.change, name="resource"),
    path("desk/partnership/resources/<int:pk>/end/", views_offers.end, name="resource_end"),
    path("desk/partnership/year/<int:unit_id>/", views_projects.year, name="year"),
    path("desk/partnership/year/<int:unit_id>/<int:year>.pdf", views_projects.year_paper, name="year_paper"),
    path("partner/needs/", views_unit.near, name="unit_near"),
    path("partner/needs/new/", views_unit.tell, name="unit_tell"),
    path("partner/needs/<int:pk>/", views_unit.needed, name="unit_needed"),
    path("partner/lists/", views_unit.mine, name="unit_mine"),
    path("partner/projects/<int:pk>/", views_unit.project, name="unit_project"),
    path("partner/projects/<int:pk>/<slug:act>/", views_unit.project_act, name="unit_project_act"),
    path("partner/duties/<int:pk>/", views_unit.duty, name="unit_duty"),
    path("partner/resources/new/", views_unit.offer, name="unit_offer"),
    path("partner/resources/<int:pk>/", views_unit.offer_change, name="unit_offer_change"),
    path("partner/resources/<int:pk>/end/", views_unit.offer_end, name="unit_offer_end"),
    path("partner/year/", views_unit.year, name="unit_year"),
    path("partner/year/<int:year>.pdf", views_unit.year_paper, name="unit_year_paper"),
    path("needs/", views_resident.told, name="told"),
    path("needs/new/", views_resident.tell, name="tell"),
    path("needs/<int:pk>/", views_resident.follow, name="follow"),
    path("needs/<int:pk>/rate/", views_resident.rate, name="rate"),
    path("needs/<int:pk>/withdraw/", views_resident.withdraw, name="withdraw"),
    path("rate/<int:pk>/<int:slip>/<slug:code>/", views_resident.rate_slip, name="rate_slip"),
]
