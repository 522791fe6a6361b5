"""Addresses of grids: public pages under /grids/, a worker's under /grids/visits/, the desk's under /desk/grids/."""

from __future__ import annotations

from django.urls import path, re_path

from doorstep.modules.grids import (
    views,
    views_lists,
    views_plans,
    views_staffing,
    views_visits,
    views_workers,
)

app_name = "grids"
urlpatterns = [
    re_path(r"^grids/(?P<code>[0-9]{15})/$", views.grid, name="grid"),
    re_path(r"^grids/(?P<code>[0-9]{15})/map\.geojson$", views.grid_map, name="map"),
    re_path(r"^grids/in/(?P<code>[0-9]{12})/$", views.community, name="community"),
    re_path(r"^grids/in/(?P<code>[0-9]{12})/law/$", views.timetable, name="timetable"),
    path("grids/visits/new/", views_visits.visit, name="visit"),
    path("desk/grids/visits/<int:pk>/correct/", views_visits.correct, name="correct_visit"),
    path("desk/grids/questions/<int:pk>/publish/", views_lists.publish, name="publish_question"),
    path("desk/grids/new/<slug:what>/", views_lists.add, name="add"),
    path("desk/grids/end/<slug:what>/<int:pk>/", views_lists.end, name="end"),
    path("desk/grids/plans/", views_plans.plans, name="plans"),
    path("desk/grids/plans/new/", views_plans.choose_place, name="choose_place"),
    path("desk/grids/plans/new/<str:code>/", views_plans.new_plan, name="new_plan"),
    path("desk/grids/plans/compare/", views_plans.compare, name="compare_plans"),
    path("desk/grids/plans/<int:pk>/", views_plans.plan, name="plan"),
    path("desk/grids/plans/<int:pk>/progress/", views_plans.plan_progress, name="plan_progress"),
    path("desk/grids/plans/<int:pk>/changes/", views_plans.plan_changes, name="plan_changes"),
    path("desk/grids/plans/<int:pk>/<slug:what>/", views_plans.act, name="plan_act"),
    path("desk/grids/staffing/", views_staffing.plans, name="staffing_plans"),
    path("desk/grids/staffing/new/", views_staffing.choose_place, name="staffing_place"),
    path("desk/grids/staffing/new/<str:code>/", views_staffing.new_plan, name="new_staffing"),
    path("desk/grids/staffing/compare/", views_staffing.compare, name="compare_staffing"),
    path("desk/grids/staffing/<int:pk>/", views_staffing.plan, name="staffing"),
    path("desk/grids/staffing/<int:pk>/changes/", views_staffing.plan_changes, name="staffing_changes"),
    path("desk/grids/staffing/<int:pk>/<slug:what>/", views_staffing.act, name="staffing_act"),
    path("desk/grids/workers/", views_workers.choose, name="choose"),
    path("desk/grids/workers/<str:code>/", views_workers.arrange, name="workers"),
    path("desk/grids/workers/<str:code>/new/", views_workers.appoint, name="appoint_worker"),
    path("desk/grids/workers/<str:code>/<int:pk>/grids/", views_workers.set_grids, name="set_grids"),
    path("desk/grids/workers/<str:code>/<int:pk>/leave/", views_workers.leave, name="leave"),
    path("desk/grids/workers/<str:code>/<int:pk>/release/", views_workers.release, name="release"),
]
