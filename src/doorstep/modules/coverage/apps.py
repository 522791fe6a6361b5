from django.apps import AppConfig


class CoverageConfig(AppConfig):
    name = "doorstep.modules.coverage"
    label = "coverage"

    def ready(self) -> None:
        from doorstep.modules.coverage import (  # noqa: F401  declared by being imported
            erasure,
            leaving,
            own_data,
            proofs,
            states,
            states_findings,
        )
