from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "doorstep.kernel.web"
    label = "web"
