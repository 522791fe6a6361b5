from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "doorstep.surfaces.api"
    label = "api"
