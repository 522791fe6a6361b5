from django.apps import AppConfig


class ObligationsConfig(AppConfig):
    name = "doorstep.kernel.obligations"
    label = "obligations"

    def ready(self) -> None:
        from doorstep.kernel.obligations import meetings, states  # noqa: F401  declared by being imported
