from django.apps import AppConfig


class BriefsConfig(AppConfig):
    name = "doorstep.surfaces.briefs"
    label = "briefs"
