"""Who sees figures: every staff post, over its own places."""

from doorstep.kernel.access.capabilities import declare

VIEW = declare(
    "indicators.view",
    posts=[
        "district_officer", "street_officer", "community_secretary", "community_deputy_secretary",
        "community_committee_member", "residents_committee_chair", "community_worker", "branch_secretary", "grid_worker",
    ],
)  # fmt: skip
