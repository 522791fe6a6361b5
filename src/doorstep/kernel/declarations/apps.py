from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class DeclarationsConfig(AppConfig):
    name = "doorstep.kernel.declarations"
    label = "declarations"

    def ready(self) -> None:
        autodiscover_modules(
            "policies",
            "acts",
            "indicators",
            "findings",
            "registers",
            "navigation",
            "work",
            "schedule",
            "numbers",
        )
