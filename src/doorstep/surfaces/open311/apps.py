from django.apps import AppConfig


class Open311Config(AppConfig):
    name = "doorstep.surfaces.open311"
    label = "open311"

    def ready(self) -> None:
        from doorstep.surfaces.open311 import scopes  # noqa: F401  declared by being imported
