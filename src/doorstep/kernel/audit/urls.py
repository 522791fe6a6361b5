"""Address of the audit's state."""

from django.urls import path

from doorstep.kernel.audit import views

urlpatterns = [path("desk/audit/", views.state, name="audit_state")]
