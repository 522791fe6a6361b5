"""`python -m tests.launch.supervised_server FILE`: the server alone under its supervisor; FILE says its process.

However often the server is killed, it is started again after the first pause: here every run counts as steady.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from doorstep.launch import processes, supervisor


def main(file: Path) -> None:
    def note(running: dict[str, processes.Mark]) -> None:
        unfinished = file.with_suffix(".new")
        unfinished.write_text(json.dumps(running.get("server")))
        unfinished.replace(file)

    supervisor.STEADY_SECONDS = 0
    tended = supervisor.Supervisor(
        [supervisor.Child("server")], on_change=note, on_death=lambda _identity: None
    )
    tended.run(is_ready=lambda: False, when_ready=lambda: None)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
