"""Addresses of people's records."""

from django.urls import path

from doorstep.kernel.people import views

urlpatterns = [
    path("desk/people/new/", views.register, name="person_register"),
    path("desk/people/look-up/", views.look_up, name="person_look_up"),
    path("desk/people/<int:pk>/", views.person, name="person"),
    path("desk/people/<int:pk>/reveal/", views.reveal, name="person_reveal"),
    path("desk/people/<int:pk>/correct/", views.correct, name="person_correct"),
    path("desk/people/<int:pk>/consent/", views.consent, name="person_consent"),
    path("desk/people/<int:pk>/erase/", views.erase, name="person_erase"),
]
