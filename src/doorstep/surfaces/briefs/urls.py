from django.urls import path

from doorstep.surfaces.briefs import views

app_name = "briefs"
urlpatterns = [
    path("desk/brief/", views.brief_home, name="home"),
    path("desk/brief/<str:place>/", views.brief_page, name="page"),
    path("desk/brief/<str:place>/word/", views.brief_word, name="word"),
]
