"""What authority does by itself."""

from doorstep.kernel.declarations.schedule import Periodic, declare

declare(
    Periodic(
        name="forget counts whose time is over",
        call="doorstep.kernel.authority.shared_cache.forget_expired",
        every_seconds=600,
    )
)
