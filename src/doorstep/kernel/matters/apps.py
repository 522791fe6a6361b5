from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "doorstep.kernel.matters"
    label = "matters"

    def ready(self) -> None:
        from django.utils.module_loading import autodiscover_modules

        # declared by being imported: what is told of a person, what goes with one, what is handed over by one who leaves
        from doorstep.kernel.matters import erasure, leaving, own_data, services_choices  # noqa: F401  as said above

        autodiscover_modules("states", "subjects")
