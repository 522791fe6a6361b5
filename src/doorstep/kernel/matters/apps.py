from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "doorstep.kernel.matters"
    label = "matters"

    def ready(self) -> None:
        from django.utils.module_loading import autodiscover_modules

        from doorstep.kernel.matters import leaving  # noqa: F401  declares what is handed over before somebody leaves

        autodiscover_modules("states")
