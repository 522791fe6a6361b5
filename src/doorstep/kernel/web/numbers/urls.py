"""Addresses of the numbers of rules."""

from django.urls import path

from doorstep.kernel.web.numbers import views

app_name = "numbers"
urlpatterns = [
    path("desk/numbers/", views.numbers, name="all"),
    path("desk/numbers/<slug:of>/<str:key>/", views.number, name="one"),
]
