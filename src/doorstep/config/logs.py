"""What may stand in a log line: never the values of a row; and a line, not a page, for what the reader cannot mend."""

from __future__ import annotations

import logging
import re

from doorstep.kernel.web.frame.outage import is_away

# A value may itself have several lines, so it ends only where the server's next field or another traceback begins.
_VALUES = re.compile(r"\s*\bDETAIL:.*?(?=\n(?:CONTEXT|HINT|QUERY|LINE|Traceback)\b|\n\n|\Z)", re.DOTALL)


class WithoutValues(logging.Formatter):
    """Drops PostgreSQL's DETAIL, which quotes the row ("Failing row contains …"), from messages and tracebacks."""

    def format(self, record: logging.LogRecord) -> str:
        return _VALUES.sub("", super().format(record))


class OutagesInALine(logging.Filter):
    """While the database is away every request misses it: the traceback of each would hide all else."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and is_away(error):
            record.msg, record.args = f"{record.getMessage()}: {str(error).splitlines()[0]}", ()
            record.exc_info = record.exc_text = None
        return True
