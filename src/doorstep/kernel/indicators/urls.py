from django.urls import path

from doorstep.kernel.indicators import views

app_name = "indicators"
urlpatterns = [path("<str:key>/", views.rows, name="rows")]
