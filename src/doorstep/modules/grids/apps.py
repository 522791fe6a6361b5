from django.apps import AppConfig


class GridsConfig(AppConfig):
    name = "doorstep.modules.grids"
    label = "grids"

    def ready(self) -> None:
        from doorstep.modules.grids import erasure, own_data  # noqa: F401  declared by being imported
