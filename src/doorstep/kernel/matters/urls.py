"""Addresses of files of matters and of one's own notices."""

from django.urls import path

from doorstep.kernel.matters import views

urlpatterns = [
    path("matters/<int:matter_id>/files/<int:pk>/", views.file, name="matter_file"),
    path(
        "matters/<int:matter_id>/files/<int:pk>/thumbnail/",
        views.file,
        {"thumbnail": True},
        name="matter_thumbnail",
    ),
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read, name="notices_read"),
    path("notices/choose/", views.choose, name="notices_choose"),
]
