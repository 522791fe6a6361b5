from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "doorstep.kernel.places"
    label = "places"
