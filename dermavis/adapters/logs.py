"""The log: one JSON object a line on standard error in production, plain lines for a person elsewhere.

What is logged holds ids, codes and places in the code, and the reference of the request that it belongs to. Neither the
text of an exception nor what a library has to say is passed on as it is: both quote the values in hand.
"""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType
from typing import Any

import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars, merge_contextvars
from structlog.typing import EventDict, Processor, WrappedLogger

from dermavis.adapters.traces import trace_of

OURS = "dermavis"
LEFT_OUT = "…"
TOLD = ("route", "method", "status", "ms", "trace", "place")
"""What may stand on a line besides its words: codes and numbers."""

log = logging.getLogger("dermavis.process")


def configure_logs(as_json: bool) -> None:
    """Send every log of this process, whoever wrote it, through one format."""
    common: list[Processor] = [
        merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(TOLD),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        last += [
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    else:
        last += [_trace_below, structlog.dev.ConsoleRenderer(colors=False)]
    handler = Lines(sys.stderr)
    handler.setFormatter(WithoutValues(foreign_pre_chain=common, processors=last))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(logging.INFO)
    # A line a request is for a machine to read.
    logging.getLogger("dermavis.requests").setLevel(logging.INFO if as_json else logging.WARNING)
    sys.excepthook = _log_end
    threading.excepthook = _log_thread_end


def begin_request(reference: str) -> None:
    """Have every line of this thread carry the reference, until the next request."""
    clear_contextvars()
    bind_contextvars(request=reference)


class Lines(logging.StreamHandler[Any]):
    """Writes lines; of one that it cannot write it says so, where Python would show the values."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - Python's name
        """Tell where the line came from."""
        if sys.stderr is not None and not sys.stderr.closed:
            sys.stderr.write(
                f'{{"message": "a line was lost", "place": "{record.module}:{record.lineno}"}}\n'
            )


class WithoutValues(structlog.stdlib.ProcessorFormatter):
    """Tells of an exception its kind and its way, and of a library's message its fixed words and its numbers."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, or a few where it is for a person."""
        quiet = logging.makeLogRecord(record.__dict__)
        if record.exc_info and record.exc_info[1] is not None:
            quiet.trace = trace_of(record.exc_info[1])
        quiet.exc_info = quiet.exc_text = quiet.stack_info = None
        if record.name != OURS and not record.name.startswith(f"{OURS}."):
            quiet.msg, quiet.args = _fixed_words(record), None
            quiet.place = f"{record.module}:{record.lineno}"
        return super().format(quiet)


def _fixed_words(record: logging.LogRecord) -> str:
    """What was filled in is left out, and a message that was filled in before it came here altogether."""
    if not record.args or not isinstance(record.msg, str):
        return LEFT_OUT
    filled = record.args if isinstance(record.args, tuple) else (record.args,)
    shown = tuple(value if isinstance(value, int | float) else LEFT_OUT for value in filled)
    try:
        return record.msg % shown
    except (TypeError, ValueError):
        return LEFT_OUT


def _trace_below(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    trace = event.pop("trace", None)
    if trace:
        event["event"] = f"{event['event']}\n{trace}"
    return event


def _log_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("the process ends by an exception", exc_info=(kind, error, trace))


def _log_thread_end(told: Any) -> None:
    if told.exc_value is not None:
        log.error("a thread ended by an exception", exc_info=told.exc_value)
