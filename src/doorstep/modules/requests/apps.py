from django.apps import AppConfig


class RequestsConfig(AppConfig):
    name = "doorstep.modules.requests"
    label = "requests"

    def ready(self) -> None:
        from doorstep.modules.requests import own_data, retention  # noqa: F401  declared by being imported
