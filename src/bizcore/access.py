"""Who may do what: permissions `context.type.action`, roles as patterns of them, and the roles that are shipped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Protocol
from uuid import UUID

OWNER: Final = "owner"

_PERMISSION: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){2}")
_PATTERN: Final = re.compile(r"(\*|[a-z][a-z0-9_]*)(\.(\*|[a-z][a-z0-9_]*)){0,2}")


@dataclass(frozen=True, slots=True)
class Principal:
    """A person, machine or the system inside one organization. `roles` are codes, as of `grants_version`."""

    id: UUID
    name: str
    roles: frozenset[str]
    grants_version: int


class AccessPolicy(Protocol):
    """What the roles of one organization allow, as of one version of its grants."""

    def allows(self, roles: Iterable[str], permission: str) -> bool:
        """Whether one of `roles` has it. A role that does not exist has nothing."""


@dataclass(frozen=True, slots=True)
class Role:
    code: str
    name: str
    permissions: tuple[str, ...]


def is_permission(text: str) -> bool:
    """Whether it names one permission, as `procurement.requisition.create` does."""
    return _PERMISSION.fullmatch(text) is not None


def is_pattern(text: str) -> bool:
    """Whether it is a permission in which `*` may stand for parts: `*`, `procurement.*`, `*.read`, `catalog.*.read`."""
    return _PATTERN.fullmatch(text) is not None and ("*" in text or is_permission(text))


def covers(pattern: str, permission: str) -> bool:
    """Whether `pattern` includes `permission`, which may be a pattern itself: then all that it includes.

    A `*` stands for one or more whole parts.
    """
    return _expression(pattern).fullmatch(permission) is not None


def not_held(asked: Iterable[str], held: Iterable[str]) -> tuple[str, ...]:
    """The patterns of `asked` that `held` does not include. Nobody hands on what they have not got."""
    own = tuple(held)
    return tuple(pattern for pattern in asked if not any(covers(mine, pattern) for mine in own))


@lru_cache(maxsize=4096)
def _expression(pattern: str) -> re.Pattern[str]:
    parts = (r"[^.]+(?:\.[^.]+)*" if part == "*" else re.escape(part) for part in pattern.split("."))
    return re.compile(r"\.".join(parts))


MASTER_DATA: Final = (
    "platform.company.read",
    "parties.*.read",
    "catalog.*.read",
    "inventory.location.read",
    "ledger.account.read",
    "ledger.currency.read",
    "ledger.exchange_rate.read",
    "ledger.tax_code.read",
)


def _role(code: str, name: str, *permissions: str) -> Role:
    return Role(code, name, (*permissions, *MASTER_DATA))


_SHIPPED: Final = (
    Role(OWNER, "Owner", ("*",)),
    Role("admin", "Administrator", ("*",)),
    _role(
        "requester",
        "Requester",
        "procurement.requisition.create",
        "procurement.requisition.read",
        "procurement.requisition.update",
        "procurement.requisition.submit",
        "procurement.requisition.comment",
        "procurement.requisition.attach",
        "procurement.requisition.cancel",
        "ledger.budget.read",
    ),
    _role(
        "buyer",
        "Buyer",
        "procurement.requisition.read",
        "procurement.purchase_order.*",
        "procurement.rfq.*",
        "procurement.quotation.*",
        "procurement.agreement.*",
        "ledger.budget.read",
    ),
    _role(
        "approver",
        "Approver",
        *(
            f"{document}.{action}"
            for document in ("procurement.requisition", "procurement.purchase_order", "ledger.budget")
            for action in ("read", "approve", "reject", "comment")
        ),
        "ledger.budget_vs_actual.read",
    ),
    _role("receiver", "Receiver", "procurement.purchase_order.read", "procurement.goods_receipt.*"),
    _role(
        "accountant",
        "Accountant",
        "ledger.*",
        "billing.supplier_invoice.*",
        "billing.customer_invoice.*",
        "billing.credit_note.*",
        "billing.*.read",
        "procurement.purchase_order.read",
        "procurement.goods_receipt.read",
    ),
    _role(
        "payer",
        "Payer",
        "billing.payment.*",
        "billing.*.read",
        "ledger.bank_account.read",
        "ledger.account_balance.read",
    ),
    _role("sales", "Sales", "billing.customer_invoice.*", "billing.credit_note.*", "inventory.stock.read"),
    _role(
        "warehouse",
        "Warehouse",
        "inventory.*",
        "procurement.purchase_order.read",
        "procurement.goods_receipt.*",
    ),
    Role("auditor", "Auditor", ("*.read",)),
)
SHIPPED_ROLES: Final[Mapping[str, Role]] = MappingProxyType({role.code: role for role in _SHIPPED})
