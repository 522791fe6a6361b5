from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "doorstep.kernel.organisations"
    label = "organisations"
