from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "doorstep.kernel.matters"
    label = "matters"

    def ready(self) -> None:
        from django.utils.module_loading import autodiscover_modules

        # declared by being imported: what is told of a person, what goes with one, what is handed over by one who leaves or
        # whose place passes to another, what follows a grid
        from doorstep.kernel.matters import (  # noqa: F401  as said above
            erasure,
            following,
            leaving,
            own_data,
            passing,
            services_choices,
        )

        autodiscover_modules("states", "subjects")
