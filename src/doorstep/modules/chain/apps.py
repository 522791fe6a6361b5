from django.apps import AppConfig


class ChainConfig(AppConfig):
    name = "doorstep.modules.chain"
    label = "chain"

    def ready(self) -> None:
        from doorstep.modules.chain import (  # noqa: F401  declared by being imported
            entitled,
            erasure,
            following,
            own_data,
        )
