"""Addresses of background jobs."""

from django.urls import path

from doorstep.kernel.web.jobs import views

urlpatterns = [
    path("desk/jobs/", views.jobs, name="jobs"),
    path("desk/jobs/<uuid:job_id>/again/", views.again, name="job_again"),
]
