"""Package `standard`, the platform's part: number series and workflows of the documents of purchasing.

The ledger, whose documents go ways of their own, ships theirs.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from adapters.postgres.connection import Connection
from bizcore.ids import new_id


@dataclass(frozen=True, slots=True)
class ShippedSeries:
    """How numbers are made. A gapless series numbers what the law wants counted, when it becomes active; the others
    number at creation. `yearly` counts from 1 again each year."""

    document_type: str
    gapless: bool
    pattern: str
    yearly: bool = True


SERIES: Final = (
    ShippedSeries("requisition", False, "PR-{year}-{number:05}"),
    ShippedSeries("purchase_order", False, "PO-{year}-{number:05}"),
    ShippedSeries("goods_receipt", False, "GR-{year}-{number:05}"),
    ShippedSeries("supplier_invoice", True, "SI-{year}-{number:05}"),
    ShippedSeries("payment", True, "PAY-{year}-{number:05}"),
    ShippedSeries("party", False, "PA-{number:05}", yearly=False),
)


def _state(code: str, name: str, phase: str | None = None) -> dict[str, str]:
    return {"code": code, "name": name, "phase": phase or code}


def _way(action: str, sources: str, target: str, **more: object) -> dict[str, object]:
    return {"action": action, "from": sources.split(), "to": target, **more}


# In the company's currency: one person approves what is below 10,000, two from there.
_BANDS: Final = [{"from_amount": "0", "approvals": 1}, {"from_amount": "10000", "approvals": 2}]

_PROMISE: Final = {
    "initial": "draft",
    "states": [
        _state("draft", "Draft"),
        _state("review", "In review"),
        _state("active", "Approved"),
        _state("done", "Closed"),
        _state("void", "Cancelled"),
    ],
    "transitions": [
        _way("submit", "draft", "review"),
        _way("approve", "review", "active", bands=_BANDS),
        _way("reject", "review", "draft", reason=True),
        _way("cancel", "draft review active", "void", reason=True),
        _way("close", "active", "done", reason=True),
        _way("reopen", "done", "active", reason=True),
    ],
}

_POSTED: Final = {
    "initial": "draft",
    "states": [_state("draft", "Draft"), _state("active", "Posted"), _state("void", "Void")],
    "transitions": [
        _way("post", "draft", "active"),
        _way("cancel", "draft", "void", reason=True),
        _way("reverse", "active", "void", reason=True),
    ],
}

WORKFLOWS: Final[Mapping[str, Mapping[str, Any]]] = {
    "requisition": _PROMISE,
    "purchase_order": _PROMISE,
    "goods_receipt": _POSTED,
    "supplier_invoice": _POSTED,
    "payment": _POSTED,
}


async def load_standard(connection: Connection) -> None:
    await connection.executemany(
        "INSERT INTO platform.number_series (document_type, class, pattern, reset) VALUES ($1, $2, $3, $4)",
        [
            (s.document_type, "gapless" if s.gapless else "fast", s.pattern, "year" if s.yearly else "never")
            for s in SERIES
        ],
    )
    await connection.executemany(
        """INSERT INTO platform.workflow (id, document_type, version, definition, created_at)
           VALUES ($1, $2, 1, $3, clock_timestamp())""",
        [(new_id(), document_type, json.dumps(definition)) for document_type, definition in WORKFLOWS.items()],
    )
