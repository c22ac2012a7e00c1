"""Accounts, and which of them plays which role in posting rules."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from bizcore.errors import ValidationFailed
from bizcore.fields import UNSET, Field, Unset
from bizcore.platform.changes import at
from bizcore.values import Currency
from contexts.ledger.domain.account import CONTROL_OF_ROLE
from contexts.ledger.errors import ControlAccount
from contexts.ledger.ports import LedgerWork
from contexts.ledger.usecases.fields import Active, CurrencyCode, Id, Name, Version, given

Type = Annotated[
    Literal["asset", "liability", "equity", "income", "expense"],
    Field("Type", help="Assets and expenses grow by debits, the others by credits", example="expense"),
]
ControlKind = Annotated[
    Literal["payable", "receivable", "inventory", "grni"],
    Field("Control", help="Whose documents alone post there; grni is goods received, not invoiced"),
]
ItemCategory = Annotated[
    str, Field("Item category", help="Of all items that have it", example="Office supplies", max_length=100)
]
Parent = Annotated[UUID, Field("Parent", help="The account it is grouped under", ref="account")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAccount:
    """Add an account to the chart."""

    code: Annotated[str, Field("Code", example="6110", min_length=1, max_length=20, pattern=r"^[0-9A-Za-z._-]+$")]
    name: Name
    type: Type
    control: ControlKind | None = None
    currency: CurrencyCode | None = None
    parent: Parent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAccount:
    """Rename an account, move it in the chart or take it out of use. Its code and type stay: entries rely on them.

    So does its control once something is posted there, and its currency is then that of what is posted.
    """

    id: Id
    version: Version = None
    name: Name | Unset = UNSET
    control: ControlKind | Unset | None = UNSET
    currency: CurrencyCode | Unset | None = UNSET
    parent: Parent | Unset | None = UNSET
    active: Active | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignRole:
    """Say which account plays a role in posting rules: for one item or category, party or company, or for everybody."""

    role: Annotated[str, Field("Role", example="expense", max_length=50, pattern=r"^[a-z][a-z_]*$")]
    account: Annotated[UUID, Field("Account", ref="account")]
    company: Annotated[UUID, Field("Company", ref="company")] | None = None
    party: Annotated[UUID, Field("Party", ref="party")] | None = None
    item: Annotated[UUID, Field("Item", ref="item")] | None = None
    item_category: ItemCategory | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassignRole:
    """Give a role to another account. What was posted stays where it is."""

    id: Id
    version: Version = None
    account: Annotated[UUID, Field("Account", ref="account")]


async def create_account(command: CreateAccount, work: LedgerWork) -> UUID:
    return await work.ledger_masters.add(
        "account",
        {
            "code": command.code,
            "name": command.name,
            "type": command.type,
            "control": command.control,
            "currency": _known(command.currency),
            "parent_id": command.parent,
        },
    )


async def change_account(command: ChangeAccount, work: LedgerWork) -> UUID:
    if not isinstance(command.currency, Unset):
        _known(command.currency)
    if not isinstance(command.control, Unset):
        await _refuse_role_of_others(command.id, command.control, work)
    changes = given(command, parent="parent_id")
    return await work.ledger_masters.change("account", command.id, command.version, changes)


async def assign_role(command: AssignRole, work: LedgerWork) -> UUID:
    whom = {
        "company_id": command.company,
        "party_id": command.party,
        "item_id": command.item,
        "item_category": command.item_category,
    }
    if sum(value is not None for value in whom.values()) > 1:
        raise ValidationFailed.at("", "TOO_MANY", "Name an item, a category, a party or a company, not several.")
    return await work.ledger_masters.add("account_role", {"role": command.role, "account_id": command.account, **whom})


async def reassign_role(command: ReassignRole, work: LedgerWork) -> UUID:
    changes = given(command, account="account_id")
    return await work.ledger_masters.change("account_role", command.id, command.version, changes)


async def _refuse_role_of_others(account_id: UUID, control: ControlKind | None, work: LedgerWork) -> None:
    """Whether the roles that the account plays allow it this control. Errors: CONTROL_ACCOUNT."""
    chart = (await work.journal.bookkeeping()).chart
    for key, played_by in chart.roles.items():
        if played_by == account_id and CONTROL_OF_ROLE.get(key.role) != control:
            account = chart.accounts[account_id]
            message = f"Account {account.code} plays the role {key.role}: give that to another account first."
            raise ControlAccount("/control", message, given=control)


def _known(currency: str | None) -> str | None:
    with at("/currency"):
        return None if currency is None else Currency.of(currency).code
