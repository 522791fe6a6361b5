from django.urls import path
from django.views.i18n import set_language

from doorstep.kernel.web.frame import installing, views

app_name = "frame"
urlpatterns = [
    path("preferences/language/", set_language, name="language"),
    path("preferences/type/", views.set_type_size, name="type_size"),
    path("places/suggest", views.suggest_places, name="suggest_places"),
    path("manifest.webmanifest", installing.manifest, name="manifest"),
    path("favicon.ico", installing.favicon, name="favicon"),
    path("sw.js", installing.service_worker, name="service_worker"),
    path("session/", installing.session, name="session"),
]
