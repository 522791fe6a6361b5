from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "doorstep.surfaces.desk"
    label = "desk"

    def ready(self) -> None:
        from doorstep.surfaces.desk import erasure  # noqa: F401  declares what is forgotten with a person
