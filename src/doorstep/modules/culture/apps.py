from django.apps import AppConfig


class CultureConfig(AppConfig):
    name = "doorstep.modules.culture"
    label = "culture"

    def ready(self) -> None:
        from doorstep.modules.culture import (  # noqa: F401  declared by being imported
            activity_kind,
            erasure,
            own_data,
        )
