from django.apps import AppConfig


class VanguardConfig(AppConfig):
    name = "doorstep.modules.vanguard"
    label = "vanguard"

    def ready(self) -> None:
        from doorstep.modules.vanguard import (  # noqa: F401  declared by being imported
            activity_kind,
            erasure,
            own_data,
            states,
            subjects,
        )
