from django.apps import AppConfig


class PatrolConfig(AppConfig):
    name = "doorstep.surfaces.patrol"
    label = "patrol"
