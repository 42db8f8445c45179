"""The log: one JSON object a line, so that nothing a visitor types can forge a line."""

import json
import logging
import logging.handlers
from datetime import datetime
from pathlib import Path
from typing import Any

from models.grammar.appbuilder import LOGGER
from models.grammar.columns import SHANGHAI

CARRIED = ("incident", "path", "method", "status", "address", "user_id", "event")


class JsonLines(logging.Formatter):
    """A record as one line of JSON: at, level, from, says, what was carried along, and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, SHANGHAI).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "says": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in CARRIED if hasattr(record, name)}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def log_to(folder: Path, *, level: int = logging.INFO) -> None:
    """Send the log of the whole process to standard error and to service.jsonl in this folder."""
    root = logging.getLogger()
    root.setLevel(level)
    file = logging.handlers.WatchedFileHandler(folder / "service.jsonl", encoding="utf-8", delay=True)
    root.handlers = [logging.StreamHandler(), file]
    for handler in root.handlers:
        handler.setFormatter(JsonLines())
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger(LOGGER).setLevel(logging.WARNING)
