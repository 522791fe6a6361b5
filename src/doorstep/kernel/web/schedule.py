"""What the pages do by themselves."""

from __future__ import annotations

import datetime as dt

from doorstep.kernel.declarations.schedule import Periodic, declare

declare(Periodic("web.clean_imports", "doorstep.kernel.web.imports.services.clean", daily_at=dt.time(3, 30)))
