from django.apps import AppConfig


class DoorwayConfig(AppConfig):
    name = "doorstep.surfaces.doorway"
    label = "doorway"
