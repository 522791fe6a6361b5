from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "doorstep.kernel.web"
    label = "web"

    def ready(self) -> None:
        from doorstep.kernel.web import erasure  # noqa: F401  declares what is forgotten with a person
