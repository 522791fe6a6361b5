from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "doorstep.kernel.activities"
    label = "activities"
