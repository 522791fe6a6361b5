from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "doorstep.kernel.organisations"
    label = "organisations"

    def ready(self) -> None:
        from doorstep.kernel.organisations import erasure, following  # noqa: F401  declared by being imported
