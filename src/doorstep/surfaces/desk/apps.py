from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "doorstep.surfaces.desk"
    label = "desk"
