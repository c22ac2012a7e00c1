"""How often posting entries, receipts, invoices and payments asks the database: nobody adds a statement unseen."""

from __future__ import annotations

from typing import Any

import pytest_asyncio

from tests.billing.support import TODAY, charging, invoice, payment
from tests.kernel.counting import CountedTenant
from tests.procurement.support import Department

LINES = 5


@pytest_asyncio.fixture(scope="module")
async def counted(department: Department) -> Department:
    return Department(CountedTenant.of(department.tenant), department.secrets, department.people)


async def statements(department: Department, name: str, body: dict[str, Any] | None = None, **route: Any) -> list[str]:
    """What the second of two alike sends: by then the process holds what changes seldom."""
    tenant = department.tenant
    assert isinstance(tenant, CountedTenant)
    tenant.sent.clear()
    await department.run(name, body, **route)
    return tenant.sent


async def bought(department: Department) -> tuple[str, dict[str, Any]]:
    """An approved order of five stocked items, and its supplier."""
    supplier = await department.supplier()
    lines = []
    for n in range(LINES):
        sku = f"BOLT-{supplier[-12:]}-{n}"
        await department.item(sku)
        lines.append({"item": sku, "quantity": "10", "unit_price": "2.50", "tax_code": "VAT19"})
    return supplier, await department.order(*lines, supplier=supplier)


async def test_a_journal_entry(counted: Department) -> None:
    body = {
        "entry_date": str(TODAY),
        "description": "Rent",
        "lines": [{"account": "6010", "debit": "119.00"}, {"account": "1020", "credit": "119.00"}],
    }
    await counted.run("ledger.journal_entry.create", body)
    sent = await statements(counted, "ledger.journal_entry.create", body)
    # BEGIN, who asks, references, period, numbers, flush, answer, COMMIT.
    assert len(sent) == 8, sent


async def test_posting_a_receipt_an_invoice_and_a_payment_of_five_lines(counted: Department) -> None:
    found: dict[str, int] = {}
    for _ in range(2):
        supplier, order = await bought(counted)
        receipt = await counted.receipt(order, *["10"] * LINES)
        found["receipt"] = len(await statements(counted, "procurement.goods_receipt.post", id=receipt["id"]))
        bill = await invoice(counted, supplier, *(charging(order, "10", "2.50", line=n) for n in range(LINES)))
        found["invoice"] = len(await statements(counted, "billing.supplier_invoice.post", id=bill["id"]))
        paying = await payment(counted, supplier, bill["total"], (bill["id"], bill["total"]))
        found["payment"] = len(await statements(counted, "billing.payment.post", id=paying["id"]))
    assert found == {
        "receipt": 10,  # BEGIN, who asks, locks, facts, locks of stock, stock, numbers, flush, answer, COMMIT
        "invoice": 9,  # BEGIN, who asks, locks, facts, what is accrued, numbers, flush, answer, COMMIT
        "payment": 8,  # BEGIN, who asks, locks, facts, numbers, flush, answer, COMMIT
    }
