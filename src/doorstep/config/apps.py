from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "doorstep.config"
    label = "config"

    def ready(self) -> None:
        from doorstep.config import checks  # noqa: F401  registers what production refuses
