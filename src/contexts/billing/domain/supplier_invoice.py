"""The supplier invoice: what a supplier charges, line by line, and what that means to the books."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from bizcore.documents import Document, Phase
from bizcore.errors import ValidationFailed, WrongPhase
from bizcore.facts import AccountingFact
from bizcore.ids import new_id
from bizcore.values import Money, Percentage
from contexts.billing.domain.tax import Taxed, line_taxes
from contexts.billing.errors import CurrencyMismatch
from contexts.ledger.public import facts
from contexts.procurement.public import OrderedLine, Terms, Value


def reference_key(reference: str) -> str:
    """The supplier's number without what people write differently: "RE-2026/0042" and "re 2026 0042" are one."""
    folded = unicodedata.normalize("NFKC", reference).casefold()
    return "".join(character for character in folded if character.isalnum()) or folded.strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One thing that is charged, at a price without tax. `tax` is its share of the tax of its code."""

    id: UUID
    quantity: Decimal  # in the order line's unit where there is one
    unit_price: Decimal
    net: Value
    tax: Value
    unit: str
    order_line_id: UUID | None = None
    order_id: UUID | None = None
    item_id: UUID | None = None
    description: str | None = None
    tax_code_id: UUID | None = None
    tax_rate: Percentage | None = None
    account_id: UUID | None = None
    budget_line_id: UUID | None = None  # of a line without an order; an order's own budget pays for what it ordered
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCharge:
    """What posting a line did to its order line: a fact, taken back as it was when the invoice is reversed."""

    id: UUID
    line_id: UUID
    order_line_id: UUID
    sequence: int  # of the order line's charges, from 1 on: in this order goods answer them
    quantity: Decimal
    charged: Money
    expected: Money  # what the quantity costs as ordered
    cleared: Value  # of goods received not invoiced
    quantity_tolerance: Decimal  # percent that may be charged beyond what was received
    budget_line_id: UUID | None
    accounts: Mapping[str, UUID] = field(default_factory=dict)  # where the order line's accrual stood, when it is made


@dataclass(slots=True, eq=False)
class SupplierInvoice:
    """A claim on us once it is posted. Phase, number, supplier and date live in its `document`."""

    document: Document
    reference: str
    terms: Terms
    payment_terms_id: UUID | None
    due_on: date
    lines: list[InvoiceLine]
    charges: list[OrderCharge] = field(default_factory=list)  # since it was posted
    related: set[UUID] = field(default_factory=set)  # orders it is tied to already

    def rewrite(self, lines: Sequence[InvoiceLine]) -> None:
        """Put `lines` in the place of the present ones, with their share of the taxes and the sums in the header."""
        untaxed = Percentage(Decimal(0))
        taxes = line_taxes([Taxed(line.tax_code_id, line.tax_rate or untaxed, line.net.amount) for line in lines])
        self.lines = [
            replace(line, tax=Value(tax, self.terms.conversion.convert(tax)))
            for line, tax in zip(lines, taxes, strict=True)
        ]
        gross = self.gross
        self.document.total, self.document.total_company = gross.amount, gross.company

    def refuse_foreign(self, line: OrderedLine, path: str) -> None:
        """Only what this supplier was ordered to deliver to this company may be charged to it.

        Errors: WRONG_PHASE, VALIDATION_FAILED, CURRENCY_MISMATCH.
        """
        if line.supplier_id != self.document.party_id or line.company_id != self.document.company.id:
            message = "The order is of another supplier or company."
            raise ValidationFailed.at(path, "ORDER_OF_OTHERS", message, given=line.id)
        if line.terms.currency.code != self.document.currency:
            raise CurrencyMismatch(
                "An order is charged in its own currency.",
                path=path,
                given=self.document.currency,
                expected=line.terms.currency.code,
            )
        if line.order_phase not in (Phase.ACTIVE, Phase.DONE):
            raise WrongPhase(
                f"Its order is {line.order_phase}: what is in force or closed can be charged.",
                phase=line.order_phase,
                allowed=(Phase.ACTIVE, Phase.DONE),
                order=line.order_number,
            )

    @property
    def net(self) -> Value:
        return self.terms.total(line.net for line in self.lines)

    @property
    def tax(self) -> Value:
        return self.terms.total(line.tax for line in self.lines)

    @property
    def gross(self) -> Value:
        return self.net + self.tax

    def facts(self) -> list[AccountingFact]:
        """What posting it means to the books.

        A line of an order takes out of goods received not invoiced what its order says; the rest is a price difference.
        """
        charges = {charge.line_id: charge for charge in self.charges}
        found = []
        for line in self.lines:
            charge = charges.get(line.id)
            if charge is None:
                fact = self._fact(facts.INVOICE_CHARGED, line.net, line, budget_line_id=line.budget_line_id)
                found.append(fact)
                continue
            difference = line.net.amount - charge.cleared.amount
            beyond = Value(difference, self.terms.conversion.convert(difference))
            budget_line_id = charge.budget_line_id
            matched = self._fact(facts.INVOICE_MATCHED, charge.cleared, line)
            found.append(replace(matched, id=charge.id, accounts=charge.accounts))
            found.append(self._fact(facts.INVOICE_PRICE_DIFFERENCE, beyond, line, budget_line_id=budget_line_id))
        for tax_code_id in dict.fromkeys(line.tax_code_id for line in self.lines):
            taxes = (line.tax for line in self.lines if line.tax_code_id == tax_code_id)
            found.append(self._fact(facts.INVOICE_TAX, self.terms.total(taxes), tax_code_id=tax_code_id))
        found.append(self._fact(facts.INVOICE_PAYABLE, self.gross, opens=True))
        return [fact for fact in found if fact.amount or fact.company_amount]

    def _fact(
        self,
        kind: str,
        value: Value,
        line: InvoiceLine | None = None,
        *,
        budget_line_id: UUID | None = None,
        tax_code_id: UUID | None = None,
        opens: bool = False,
    ) -> AccountingFact:
        # The account that a line names takes what it charges, not what its order accrued elsewhere.
        own_account = line.account_id if line is not None and kind != facts.INVOICE_MATCHED else None
        return AccountingFact(
            id=new_id(),
            kind=kind,
            company_id=self.document.company.id,
            document_id=self.document.id,
            line_id=line.id if line else None,
            effective_on=self.document.document_date,
            amount=value.amount,
            company_amount=value.company,
            party_id=self.document.party_id,
            item_id=line.item_id if line else None,
            account_id=own_account,
            budget_line_id=budget_line_id,
            open_item_id=self.document.id if opens else None,
            tax_code_id=tax_code_id,
            dimensions=line.dimensions if line else {},
        )
