"""Addresses of grids: public pages under /grids/, a worker's under /grids/visits/, the desk's under /desk/grids/."""

from __future__ import annotations

from django.urls import path, re_path

from doorstep.modules.grids import views, views_lists, views_visits, views_workers

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
    path("desk/grids/workers/", views_workers.choose, name="choose"),
    path("desk/grids/workers/<str:code>/", views_workers.arrange, name="workers"),
    path("desk/grids/workers/<str:code>/new/", views_workers.appoint, name="appoint_worker"),
    path("desk/grids/workers/<str:code>/<int:pk>/grids/", views_workers.set_grids, name="set_grids"),
    path("desk/grids/workers/<str:code>/<int:pk>/leave/", views_workers.leave, name="leave"),
    path("desk/grids/workers/<str:code>/<int:pk>/release/", views_workers.release, name="release"),
]
