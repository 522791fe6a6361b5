from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "doorstep.kernel.matters"
    label = "matters"

    def ready(self) -> None:
        from django.utils.module_loading import autodiscover_modules

        autodiscover_modules("states")
