from django.apps import AppConfig


class PartnershipConfig(AppConfig):
    name = "doorstep.modules.partnership"
    label = "partnership"

    def ready(self) -> None:
        from doorstep.modules.partnership import (  # noqa: F401  declared by being imported
            activity_kind,
            acts_lists,
            committee,
            erasure_lists,
            indicators_lists,
            leaving,
            navigation_lists,
            numbers_lists,
            own_data_lists,
            policies_lists,
            proofs,
            registers_lists,
            retention_lists,
            states,
            states_needs,
            states_projects,
            states_resolutions,
            work_lists,
        )
