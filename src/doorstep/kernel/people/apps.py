from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "doorstep.kernel.people"
    label = "people"

    def ready(self) -> None:
        from doorstep.kernel.audit.directory import use_keys
        from doorstep.kernel.people import checks  # noqa: F401  registers what must hold before a start
        from doorstep.kernel.people.values import keys_of

        use_keys(keys_of)
