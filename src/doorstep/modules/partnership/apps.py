from django.apps import AppConfig


class PartnershipConfig(AppConfig):
    name = "doorstep.modules.partnership"
    label = "partnership"

    def ready(self) -> None:
        from doorstep.modules.partnership import (  # noqa: F401  declared by being imported
            activity_kind,
            committee,
            erasure,
            following,
            leaving,
            lists,
            own_data,
            own_pages,
            proofs,
            states,
            states_resolutions,
            subjects,
        )
