"""Addresses of the doorway."""

from django.urls import path

from doorstep.surfaces.doorway import views

app_name = "doorway"
urlpatterns = [
    path("", views.home, name="home"),
    path("door/", views.find, name="find"),
    path("door/near/", views.near, name="near"),
    path("door/forget/", views.forget_door, name="forget_door"),
    path("door/in/<str:code>/", views.place, name="place"),
    path("door/<int:building_id>/", views.door, name="door"),
    path("door/<int:building_id>/keep/", views.keep_door, name="keep_door"),
    path("nearby/", views.nearby, name="nearby"),
    path("mine/", views.mine, name="mine"),
]
