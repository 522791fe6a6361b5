"""What may stand in a log line: never the values of a row."""

from __future__ import annotations

import logging
import re

# A value may itself have several lines, so it ends only where the server's next field or another traceback begins.
_VALUES = re.compile(r"\s*\bDETAIL:.*?(?=\n(?:CONTEXT|HINT|QUERY|LINE|Traceback)\b|\n\n|\Z)", re.DOTALL)


class WithoutValues(logging.Formatter):
    """Drops PostgreSQL's DETAIL, which quotes the row ("Failing row contains …"), from messages and tracebacks."""

    def format(self, record: logging.LogRecord) -> str:
        return _VALUES.sub("", super().format(record))
