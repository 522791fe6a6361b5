from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "doorstep.surfaces.api"
    label = "api"

    def ready(self) -> None:
        from doorstep.surfaces.api import scopes  # noqa: F401  declared by being imported
