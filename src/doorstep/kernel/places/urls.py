"""Addresses of places: as data, and the pages that keep them."""

from __future__ import annotations

from django.urls import path

from doorstep.kernel.places import views, views_keeping, views_outlines

app_name = "places"
urlpatterns = [
    path("find", views.find, name="find"),
    path("areas", views.areas_below, name="areas_below"),
    path("outlines", views.outlines_below, name="outlines_below"),
    path("buildings/<int:pk>/", views_keeping.edit_building, name="edit_building"),
    path("buildings/<int:pk>/grid/", views_keeping.place_building, name="place_building"),
    path("grids/<str:code>/name/", views_keeping.rename_grid, name="rename_grid"),
    path("outlines/new/", views_outlines.upload, name="upload_outlines"),
    path("outlines/new/<str:key>/", views_outlines.preview, name="preview_outlines"),
    path("outlines/new/<str:key>/shapes", views_outlines.shapes, name="previewed_shapes"),
    path("venues/<int:pk>/", views_keeping.edit_venue, name="edit_venue"),
    path("venues/<int:pk>/close/", views_keeping.close_venue, name="close_venue"),
]
