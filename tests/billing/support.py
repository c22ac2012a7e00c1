"""What tests of invoices and payments begin with: the buying department's shorthand for its books."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from tests.procurement.support import Department

TODAY = datetime.now(UTC).date()
DAY = date(TODAY.year, 3, 2)  # within the fiscal year that sign-up opened, whenever the tests run
_numbers = count(1)


async def invoice(
    department: Department, supplier: str, *lines: Mapping[str, object], **fields: object
) -> dict[str, Any]:
    """A draft."""
    body = {
        "supplier": supplier,
        "supplier_reference": f"RE-{next(_numbers)}",
        "invoice_date": str(TODAY),
        "lines": list(lines),
        **fields,
    }
    return await department.run("billing.supplier_invoice.create", body)


async def posted(
    department: Department, supplier: str, *lines: Mapping[str, object], **fields: object
) -> dict[str, Any]:
    drafted = await invoice(department, supplier, *lines, **fields)
    return await department.run("billing.supplier_invoice.post", id=drafted["id"])


def charging(order: Mapping[str, Any], quantity: str, price: str, *, line: int = 0) -> dict[str, object]:
    return {"order_line": order["lines"][line]["id"], "quantity": quantity, "unit_price": price}


async def payment(
    department: Department, supplier: str, amount: str, *allocations: tuple[str, str], **fields: object
) -> dict[str, Any]:
    """A draft."""
    body = {
        "direction": "outgoing",
        "party": supplier,
        "amount": amount,
        "allocations": [{"invoice": id, "amount": part} for id, part in allocations],
        **fields,
    }
    return await department.run("billing.payment.create", body)


async def paid(
    department: Department, supplier: str, amount: str, *allocations: tuple[str, str], **fields: object
) -> dict[str, Any]:
    drafted = await payment(department, supplier, amount, *allocations, **fields)
    return await department.run("billing.payment.post", id=drafted["id"])


async def received(
    department: Department, party: str, amount: str, *gives_back: tuple[str, str], **fields: object
) -> dict[str, Any]:
    """Money that came in, posted, and the payments that it gives back."""
    allocations = [{"payment": id, "amount": part} for id, part in gives_back]
    body = {"direction": "incoming", "party": party, "amount": amount, "allocations": allocations, **fields}
    drafted = await department.run("billing.payment.create", body)
    return await department.run("billing.payment.post", id=drafted["id"])


async def entry_lines(department: Department, document_id: str) -> list[tuple[str, str]]:
    """(account, amount) of every posting of a document in the actual book, debit positive, in the order posted."""
    rows = await department.fetch(
        """SELECT a.code, platform.amount_text(p.amount_minor, e.currency) AS amount
           FROM ledger.entry e JOIN ledger.posting p ON p.entry_id = e.id JOIN ledger.account a ON a.id = p.account_id
           WHERE e.document_id = $1 AND e.book = 'actual' ORDER BY e.recorded_at, e.id, p.line_no""",
        UUID(document_id),
    )
    return [(row["code"], row["amount"]) for row in rows]


async def account_balance(department: Department, *codes: str, as_of: date = date.max) -> Decimal:
    """Of accounts together, debit positive, in the company's currency (EUR)."""
    found = await department.value(
        """SELECT coalesce(sum(p.company_amount_minor), 0)::numeric / 100
           FROM ledger.posting p JOIN ledger.account a ON a.id = p.account_id
           WHERE p.book = 'actual' AND a.code = ANY($1) AND p.effective_on <= $2""",
        list(codes),
        as_of,
    )
    return Decimal(found)
