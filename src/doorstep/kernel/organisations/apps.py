from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "doorstep.kernel.organisations"
    label = "organisations"

    def ready(self) -> None:
        from doorstep.kernel.organisations import erasure  # noqa: F401  declares what is forgotten with a person
