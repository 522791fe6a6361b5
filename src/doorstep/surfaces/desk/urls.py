from django.urls import path

from doorstep.surfaces.desk import views

app_name = "desk"
urlpatterns = [
    path("desk/", views.work, name="work"),
    path("desk/cockpit/", views.cockpit_home, name="cockpit_home"),
    path("desk/cockpit/<str:code>/", views.cockpit, name="cockpit"),
    path("desk/cockpit/<str:code>/map.geojson", views.map_of_place, name="map"),
]
