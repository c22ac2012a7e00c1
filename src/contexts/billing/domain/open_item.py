"""Open items: what is still owed on an invoice, or what of a payment has found no invoice yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any, Self
from uuid import UUID

from bizcore.values import Money
from contexts.billing.errors import CurrencyMismatch, PaymentBlocked, PaymentExceedsBalance
from contexts.procurement.public import Value


class Direction(StrEnum):
    OUTGOING = "outgoing"
    INCOMING = "incoming"


class Side(StrEnum):
    """The control accounts that open items stand on: those of suppliers or those of customers."""

    PAYABLE = "payable"
    RECEIVABLE = "receivable"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """A document's balance as its lock found it: positive where we owe, negative where we paid ahead.

    `balance.company` is what the books hold of it, at the rates it was opened with.
    """

    id: UUID
    number: str | None
    company_id: UUID
    party_id: UUID | None
    balance: Value
    account_id: UUID | None = None  # on which it stands; None before anything opened it
    blocked_by: Sequence[Mapping[str, Any]] = ()  # exceptions of the match that nobody has released

    def settle(self, amount: Money) -> tuple[Value, Self]:
        """The part that pays `amount`, and what then remains.

        Errors: CURRENCY_MISMATCH, PAYMENT_BLOCKED, PAYMENT_EXCEEDS_BALANCE.
        """
        self._refuse_other_currency(amount)
        if self.blocked_by:
            raise PaymentBlocked(
                "The invoice does not match its order and receipts: receive the goods, or have the block released.",
                invoice=self.number or self.id,
                exceptions=list(self.blocked_by),
            )
        if amount > self.balance.amount:
            raise PaymentExceedsBalance(
                "More would be paid than is open.",
                invoice=self.number or self.id,
                **_compared(amount, self.balance.amount),
            )
        part = part_of(self.balance, amount)
        return part, replace(self, balance=self.balance - part)

    def use(self, amount: Money, direction: Direction) -> tuple[Value, Self]:
        """The part, positive, that `amount` takes of what is left of a payment in `direction`, and what then remains.

        Errors: CURRENCY_MISMATCH, PAYMENT_EXCEEDS_BALANCE.
        """
        self._refuse_other_currency(amount)
        ahead = direction is Direction.OUTGOING
        left = -self.balance if ahead else self.balance
        if amount > left.amount:
            raise PaymentExceedsBalance(
                "Less is left of the payment.", payment=self.number or self.id, **_compared(amount, left.amount)
            )
        part = part_of(left, amount)
        return part, replace(self, balance=self.balance + part if ahead else self.balance - part)

    def _refuse_other_currency(self, amount: Money) -> None:
        if amount.currency != self.balance.amount.currency:
            raise CurrencyMismatch(
                "A payment settles documents of its own currency.",
                document=self.number or self.id,
                given=amount.currency.code,
                expected=self.balance.amount.currency.code,
            )


def _compared(requested: Money, available: Money) -> dict[str, str]:
    left = max(available, Money.zero(available.currency))
    return {"requested": requested.text(), "available": left.text(), "currency": requested.currency.code}


def part_of(whole: Value, amount: Money) -> Value:
    """`amount` of a positive whole, and its share in the company's currency.

    The last part takes what is left, so that over its life an item has exactly one exchange difference.
    """
    if amount == whole.amount:
        return whole
    share = Fraction(amount.amount) / Fraction(whole.amount.amount)
    return Value(amount, Money.rounded(Fraction(whole.company.amount) * share, whole.company.currency))
