from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class WebConfig(AppConfig):
    name = "doorstep.kernel.web"
    label = "web"

    def ready(self) -> None:
        autodiscover_modules("navigation")
