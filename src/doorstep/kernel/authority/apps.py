from django.apps import AppConfig


class AuthorityConfig(AppConfig):
    name = "doorstep.kernel.authority"
    label = "authority"

    def ready(self) -> None:
        from doorstep.kernel.authority import erasure, own_data  # noqa: F401  declare what belongs to a person
