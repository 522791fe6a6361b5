from django.apps import AppConfig


class VolunteeringConfig(AppConfig):
    name = "doorstep.modules.volunteering"
    label = "volunteering"
