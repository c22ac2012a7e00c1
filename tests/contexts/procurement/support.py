"""Order lines for tests that need no database."""

from datetime import date
from decimal import Decimal
from typing import Any

from bizcore.documents import Phase
from bizcore.ids import new_id
from bizcore.values import Currency, ExchangeRate, Money, Unit
from contexts.ledger.public import Conversion
from contexts.procurement.domain.ordered_line import OrderedLine
from contexts.procurement.domain.value import Terms, Value

EUR, USD = Currency.of("EUR"), Currency.of("USD")
IN_EUR = Terms(EUR, Conversion(EUR))
IN_USD = Terms(USD, Conversion(EUR, ExchangeRate(EUR, USD, Decimal("1.25"))))


def euros(minor: int) -> Value:
    return Value(Money(minor, EUR), Money(minor, EUR))


def ordered_line(quantity: str, unit_price: str, *, terms: Terms = IN_EUR, **fields: Any) -> OrderedLine:
    """A line of an active order of which nothing came yet."""
    values: dict[str, Any] = {
        "id": new_id(),
        "position": 1,
        "order_id": new_id(),
        "order_number": "PO-2026-00001",
        "order_phase": Phase.ACTIVE,
        "ordered_on": date(2026, 1, 15),
        "company_id": new_id(),
        "supplier_id": new_id(),
        "terms": terms,
        "item_id": None,
        "stock_unit": None,
        "description": "Drill",
        "unit": Unit.known["EA"],
        "quantity": Decimal(quantity),
        "unit_price": Decimal(unit_price),
        "tax_code_id": None,
        "budget_line_id": None,
        "location_id": None,
        "dimensions": {},
        "quantity_allowed": Decimal(quantity),
        "quantity_received": Decimal(0),
        "received": terms.zero,
        "quantity_at_price": Decimal(0),
        "received_at_price": terms.zero,
        "quantity_invoiced": Decimal(0),
        "amount_invoiced": Money.zero(terms.currency),
        "cleared": terms.zero,
        "quantity_taken_up": Decimal(0),
    }
    return OrderedLine(**{**values, **fields})
