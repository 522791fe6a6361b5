"""The demo district's requests come in behind the running platform, and so do its meetings, organisations of the new economy and a plan of
grids."""

from __future__ import annotations

from doorstep.kernel.declarations.schedule import Periodic, declare

declare(
    Periodic("demo.requests", "doorstep.demo.tasks.carry_on", every_seconds=20),
    Periodic("demo.told", "doorstep.demo.tasks.tell_what_is_in", every_seconds=20),
    Periodic("demo.partners", "doorstep.demo.tasks.ask_for_partners", every_seconds=30),
    Periodic("demo.lists", "doorstep.demo.tasks.ask_for_lists", every_seconds=30),
    Periodic("demo.meetings", "doorstep.demo.tasks.ask_for_meetings", every_seconds=60),
    Periodic("demo.newfield", "doorstep.demo.tasks.ask_for_newfield", every_seconds=60),
    Periodic("demo.vanguard", "doorstep.demo.tasks.ask_for_vanguard", every_seconds=60),
    Periodic("demo.street_plan", "doorstep.demo.tasks.ask_for_a_plan", every_seconds=60),
)
