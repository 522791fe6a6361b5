from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "doorstep.kernel.people"
    label = "people"

    def ready(self) -> None:
        from doorstep.kernel.people import checks  # noqa: F401  registers what must hold before a start
