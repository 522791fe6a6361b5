"""What a meeting resolved falls with its minutes."""

from doorstep.kernel.obligations.following import follows_cancelling
from doorstep.modules.partnership.services_resolutions import annul_with

follows_cancelling("partnership.resolutions", annul_with)
