from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "doorstep.kernel.activities"
    label = "activities"

    def ready(self) -> None:
        from doorstep.kernel.activities import erasure, own_data  # noqa: F401  declared by being imported
