"""Addresses of the grid worker's phone."""

from django.urls import path

from doorstep.surfaces.patrol import views, views_phone

app_name = "patrol"
urlpatterns = [
    path("", views.home, name="home"),
    path("new/", views.record, name="record"),
    path("visit/", views.visit, name="visit"),
    path("m/<str:number>/", views.matter, name="matter"),
    path("m/<str:number>/contact/", views.contact, name="contact"),
    path("m/<str:number>/<slug:name>/", views.step, name="step"),
    path("phone/", views_phone.phone, name="phone"),
    path("offline/", views_phone.offline, name="offline"),
    path("send/", views_phone.send, name="send"),
    path("worker.js", views_phone.worker, name="worker"),
    path("app.webmanifest", views_phone.manifest, name="manifest"),
]
