"""Accounts, and the roles by which posting rules name them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
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
    """Whose documents explain an account's balance, to the cent."""

    PAYABLE = "payable"
    RECEIVABLE = "receivable"
    INVENTORY = "inventory"
    GRNI = "grni"  # goods received, not invoiced

    @property
    def keeps_open_items(self) -> bool:
        """Each posting opens or settles the item of a document."""
        return self in (Control.PAYABLE, Control.RECEIVABLE)

    @property
    def documents(self) -> tuple[str, ...]:
        """The types of those that post there."""
        return _DOCUMENTS[self]


_DOCUMENTS: Final = {
    Control.PAYABLE: ("supplier_invoice", "payment"),
    Control.RECEIVABLE: ("customer_invoice", "credit_note", "payment"),
    Control.INVENTORY: ("goods_receipt",),
    Control.GRNI: ("goods_receipt", "supplier_invoice"),
}

# The roles by which documents reach control accounts. PostgreSQL knows them too: `ledger.control_of`.
CONTROL_OF_ROLE: Final = {
    "payable": Control.PAYABLE,
    "supplier_advance": Control.PAYABLE,
    "receivable": Control.RECEIVABLE,
    "customer_advance": Control.RECEIVABLE,
    "inventory": Control.INVENTORY,
    "goods_received_not_invoiced": Control.GRNI,
}


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

    def admit_direct_posting(self, path: str) -> None:
        """Whether the field at `path` may name it: on a control account that would be no document's balance.

        Errors: ACCOUNT_INACTIVE, CONTROL_ACCOUNT.
        """
        self.admit()
        if self.control is not None:
            raise ControlAccount(
                path,
                f"Account {self.code} is a control account: only the documents that it controls post there.",
                given=self.code,
                allowed=self.control.documents,
            )

    def may_play(self, role: str) -> bool:
        """Control accounts take their own roles only, and those roles no other account."""
        return self.control is CONTROL_OF_ROLE.get(role)


@dataclass(frozen=True, slots=True)
class RoleKey:
    """Whom an assignment is for: an item or a category of items, a party or a company; with none of them everybody."""

    role: str
    item_id: UUID | None = None
    item_category: str | None = None
    party_id: UUID | None = None
    company_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """The accounts, and which of them plays which role. `categories` are those of the items that facts name."""

    accounts: Mapping[UUID, Account]
    roles: Mapping[RoleKey, UUID]
    tax_accounts: Mapping[tuple[UUID, str], UUID] = field(default_factory=dict)  # (tax code, role)
    categories: Mapping[UUID, str] = field(default_factory=dict)

    @property
    def tells_categories_apart(self) -> bool:
        return any(key.item_category is not None for key in self.roles)

    def account_for(self, role: str, fact: AccountingFact, *, own: bool = False) -> Account:
        """The account of `role` for a fact: its own where the rule says so, the one on which what it continues stands,
        its tax code's, then the most particular assignment: item, its category, party, company, everybody.

        Errors: ROLE_WITHOUT_ACCOUNT, ACCOUNT_INACTIVE.
        """
        category = self.categories.get(fact.item_id) if fact.item_id else None
        candidates = (
            fact.account_id if own else None,
            fact.accounts.get(role),
            self.tax_accounts.get((fact.tax_code_id, role)) if fact.tax_code_id else None,
            self.roles.get(RoleKey(role, item_id=fact.item_id)) if fact.item_id else None,
            self.roles.get(RoleKey(role, item_category=category)) if category else None,
            self.roles.get(RoleKey(role, party_id=fact.party_id)) if fact.party_id else None,
            self.roles.get(RoleKey(role, company_id=fact.company_id)),
            self.roles.get(RoleKey(role)),
        )
        found = next((candidate for candidate in candidates if candidate is not None), None)
        if found is None:
            raise RoleWithoutAccount(f"No account is assigned to the role {role}.", role=role, fact=fact.kind)
        account = self.accounts[found]
        account.admit()
        if not account.may_play(role):
            raise RoleWithoutAccount(
                f"The role {role} leads to account {account.code}, which other documents control.",
                role=role,
                account=account.code,
                control=account.control,
                fact=fact.kind,
            )
        return account
