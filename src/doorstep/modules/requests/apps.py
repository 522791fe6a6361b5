from django.apps import AppConfig


class RequestsConfig(AppConfig):
    name = "doorstep.modules.requests"
    label = "requests"
