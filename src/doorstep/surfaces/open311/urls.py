"""Addresses of Open311. Codes have dots in them; the form is what stands after the last one."""

from __future__ import annotations

from django.urls import path, register_converter

from doorstep.surfaces.open311 import views


class Form:
    """json or xml."""

    regex = "json|xml"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Form, "form")

app_name = "open311"
urlpatterns = [
    path("discovery.<form:form>", views.discovery, name="discovery"),
    path("openapi.json", views.openapi, name="openapi"),
    path("v2/services.<form:form>", views.services, name="services"),
    path("v2/services/<str:code>.<form:form>", views.service, name="service"),
    path("v2/requests.<form:form>", views.requests, name="requests"),
    path("v2/requests/<str:number>.<form:form>", views.request_of, name="request"),
    path("v2/tokens/<str:token>.<form:form>", views.token, name="token"),
]
