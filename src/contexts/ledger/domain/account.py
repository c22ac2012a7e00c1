"""Accounts, and the roles by which posting rules name them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from bizcore.facts import AccountingFact
from contexts.ledger.errors import AccountInactive, ControlAccount, RoleWithoutAccount


class AccountType(StrEnum):
    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"

    @property
    def in_balance_sheet(self) -> bool:
        return self in (AccountType.ASSET, AccountType.LIABILITY, AccountType.EQUITY)


class Control(StrEnum):
    """The subledger that explains an account's balance."""

    PAYABLE = "payable"
    RECEIVABLE = "receivable"
    INVENTORY = "inventory"


@dataclass(frozen=True, slots=True)
class Account:
    id: UUID
    code: str
    name: str
    type: AccountType
    control: Control | None = None
    currency: str | None = None  # the only one it is kept in, where it is a bank account's
    active: bool = True

    def admit(self) -> None:
        """Errors: ACCOUNT_INACTIVE."""
        if not self.active:
            raise AccountInactive(f"Account {self.code} is no longer used.", account=self.code)

    def admit_charge(self) -> None:
        """Refuse what a line of an invoice may not name: on a control account it would be no open item's.

        Errors: ACCOUNT_INACTIVE, CONTROL_ACCOUNT.
        """
        self.admit()
        if self.control is not None:
            raise ControlAccount(
                f"Account {self.code} is a control account: only the documents that it controls post there.",
                account=self.code,
                control=self.control,
            )

    def admit_manual(self, party_id: UUID | None) -> None:
        """Refuse what the subledger could not explain. Errors: ACCOUNT_INACTIVE, CONTROL_ACCOUNT."""
        self.admit()
        if self.control is Control.INVENTORY:
            raise ControlAccount(
                f"Account {self.code} is the value of the stock: only stock moves post there.",
                account=self.code,
                control=self.control,
            )
        if self.control is not None and party_id is None:
            raise ControlAccount(
                f"Account {self.code} is a control account: name the party.", account=self.code, control=self.control
            )


@dataclass(frozen=True, slots=True)
class RoleKey:
    """Whom an assignment is for: an item, a party or a company; with none of them everybody."""

    role: str
    item_id: UUID | None = None
    party_id: UUID | None = None
    company_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """The accounts, and which of them plays which role."""

    accounts: Mapping[UUID, Account]
    roles: Mapping[RoleKey, UUID]
    tax_accounts: Mapping[tuple[UUID, str], UUID] = field(default_factory=dict)  # (tax code, role)

    def account_for(self, role: str, fact: AccountingFact, *, own: bool = False) -> Account:
        """The account of `role` for a fact: its own where the rule says so, its tax code's, then the most particular
        assignment: item, party, company, everybody.

        Errors: ROLE_WITHOUT_ACCOUNT, ACCOUNT_INACTIVE.
        """
        candidates = (
            fact.account_id if own else None,
            self.tax_accounts.get((fact.tax_code_id, role)) if fact.tax_code_id else None,
            self.roles.get(RoleKey(role, item_id=fact.item_id)) if fact.item_id else None,
            self.roles.get(RoleKey(role, party_id=fact.party_id)) if fact.party_id else None,
            self.roles.get(RoleKey(role, company_id=fact.company_id)),
            self.roles.get(RoleKey(role)),
        )
        found = next((candidate for candidate in candidates if candidate is not None), None)
        if found is None:
            raise RoleWithoutAccount(f"No account is assigned to the role {role}.", role=role, fact=fact.kind)
        account = self.accounts[found]
        account.admit()
        return account
