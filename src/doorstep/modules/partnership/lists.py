"""What the four lists declare: laws, policies, registers, figures and the rest, by being imported when the platform starts."""

from doorstep.modules.partnership import (  # noqa: F401  declared by being imported
    acts_lists,
    erasure_lists,
    indicators_lists,
    navigation_lists,
    numbers_lists,
    own_data_lists,
    policies_lists,
    registers_lists,
    retention_lists,
    states_needs,
    states_projects,
    work_lists,
)
