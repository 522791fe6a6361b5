from django.apps import AppConfig


class PartnershipConfig(AppConfig):
    name = "doorstep.modules.partnership"
    label = "partnership"

    def ready(self) -> None:
        from doorstep.modules.partnership import (  # noqa: F401  declared by being imported
            activity_kind,
            committee,
            leaving,
            policies_lists,
            proofs,
            states,
            states_needs,
            states_projects,
            states_resolutions,
        )
