from django.apps import AppConfig


class VolunteeringConfig(AppConfig):
    name = "doorstep.modules.volunteering"
    label = "volunteering"

    def ready(self) -> None:
        from doorstep.modules.volunteering import (  # noqa: F401  declared by being imported
            activity_kind,
            erasure,
            own_data,
        )
