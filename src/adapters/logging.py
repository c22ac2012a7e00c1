"""Logs of every process: one JSON object a line on standard output, our own and the libraries' alike.

Who asked and for whom comes from `structlog.contextvars.bind_contextvars(request_id=…, tenant=…, actor=…, trace=…)`.
"""

from __future__ import annotations

import logging
import re
import sys

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET = re.compile("password|secret|token|authorization|cookie|api_key|private_key|master_key", re.IGNORECASE)
HIDDEN = "***"


def configure(level: str) -> None:
    """Once, before the first line. `level` as in the setting BIZCORE_LOG_LEVEL."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _to_json],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Whoever logs a whole request or configuration must not publish what opens doors."""
    return {name: HIDDEN if is_secret(name) else value for name, value in event.items()}


def is_secret(name: str) -> bool:
    """Whether what is called so opens doors."""
    return _SECRET.search(name) is not None


def _to_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return orjson.dumps(event, default=str).decode()
