"""openapi.json as a whole: it holds every path that was promised, is whole in itself and committed as generated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from bizcore.documents.view import DocumentView
from services.api.app import PREFIX
from services.api.openapi import answers
from services.cli.openapi import contract as generated
from tests.support.operations import contract, operations

COMMITTED: Final = Path(__file__).parents[2] / "web" / "openapi.json"

# Nothing here is renamed or taken away: clients rely on it.
PROMISED: Final = (
    "POST auth/signup",
    "POST auth/login",
    "POST auth/refresh",
    "POST auth/logout",
    "POST auth/password",
    "GET me",
    "GET organizations",
    "POST organizations",
    "POST organizations/{slug}/token",
    "GET access/members",
    "POST access/members",
    "GET access/roles",
    "POST access/roles",
    "PATCH access/roles/{id}",
    "POST access/api-keys",
    "GET companies",
    "POST companies",
    "GET companies/{id}",
    "PATCH companies/{id}",
    "GET parties",
    "POST parties",
    "GET parties/{id}",
    "PATCH parties/{id}",
    "GET items",
    "POST items",
    "GET items/{id}",
    "PATCH items/{id}",
    "GET units",
    "POST units",
    "GET currencies",
    "GET exchange-rates",
    "POST exchange-rates",
    "GET tax-codes",
    "POST tax-codes",
    "GET payment-terms",
    "POST payment-terms",
    "GET inventory/locations",
    "POST inventory/locations",
    "GET documents/{id}",
    "GET documents/{id}/timeline",
    "GET documents/{id}/audit",
    "GET documents/{id}/attachments",
    "POST documents/{id}/attachments",
    "GET documents/{id}/comments",
    "POST documents/{id}/comments",
    "GET documents/{id}/links",
    "GET documents/{id}/actions",
    "GET tasks",
    "GET search",
    "GET procurement/requisitions",
    "POST procurement/requisitions",
    "GET procurement/requisitions/{id}",
    "PATCH procurement/requisitions/{id}",
    "POST procurement/requisitions/{id}/submit",
    "POST procurement/requisitions/{id}/approve",
    "POST procurement/requisitions/{id}/reject",
    "POST procurement/requisitions/{id}/cancel",
    "POST procurement/requisitions/{id}/close",
    "POST procurement/requisitions/{id}/amend",
    "GET procurement/purchase-orders",
    "POST procurement/purchase-orders",
    "GET procurement/purchase-orders/{id}",
    "PATCH procurement/purchase-orders/{id}",
    "POST procurement/purchase-orders/{id}/submit",
    "POST procurement/purchase-orders/{id}/approve",
    "POST procurement/purchase-orders/{id}/reject",
    "POST procurement/purchase-orders/{id}/cancel",
    "POST procurement/purchase-orders/{id}/close",
    "POST procurement/purchase-orders/{id}/amend",
    "GET procurement/goods-receipts",
    "POST procurement/goods-receipts",
    "GET procurement/goods-receipts/{id}",
    "PATCH procurement/goods-receipts/{id}",
    "POST procurement/goods-receipts/{id}/post",
    "POST procurement/goods-receipts/{id}/reverse",
    "GET billing/supplier-invoices",
    "POST billing/supplier-invoices",
    "GET billing/supplier-invoices/{id}",
    "PATCH billing/supplier-invoices/{id}",
    "POST billing/supplier-invoices/{id}/post",
    "POST billing/supplier-invoices/{id}/reverse",
    "POST billing/supplier-invoices/{id}/release-block",
    "GET billing/payments",
    "POST billing/payments",
    "GET billing/payments/{id}",
    "PATCH billing/payments/{id}",
    "POST billing/payments/{id}/post",
    "POST billing/payments/{id}/reverse",
    "POST billing/payments/{id}/allocate",
    "POST billing/payments/{id}/unallocate",
    "GET ledger/journal-entries",
    "POST ledger/journal-entries",
    "POST ledger/journal-entries/batch",
    "GET ledger/journal-entries/{id}",
    "POST ledger/journal-entries/{id}/reverse",
    "GET ledger/budgets",
    "POST ledger/budgets",
    "GET ledger/budgets/{id}",
    "PATCH ledger/budgets/{id}",
    "POST ledger/budgets/{id}/approve",
    "GET ledger/accounts",
    "POST ledger/accounts",
    "PATCH ledger/accounts/{id}",
    "GET ledger/fiscal-years",
    "POST ledger/fiscal-years",
    "GET ledger/periods",
    "POST ledger/periods/{id}/close",
    "POST ledger/periods/{id}/reopen",
    "GET ledger/bank-accounts",
    "POST ledger/bank-accounts",
    "GET ledger/posting-rules",
    "POST ledger/posting-rules",
    "GET ledger/accounts/{code}/balance",
    "GET ledger/trial-balance",
    "GET ledger/general-ledger",
    "GET ledger/balance-sheet",
    "GET ledger/profit-and-loss",
    "GET ledger/budget-vs-actual",
    "GET billing/open-items",
    "GET billing/aging",
    "GET procurement/commitments",
    "GET procurement/grni",
    "GET inventory/stock",
    "GET inventory/valuation",
    "GET inventory/moves",
    "GET webhooks/endpoints",
    "POST webhooks/endpoints",
    "GET webhooks/deliveries",
    "POST webhooks/deliveries/{id}/replay",
    "GET events",
    "GET events/stream",
)


def test_every_promised_operation_exists_as_it_was_written() -> None:
    assert set(PROMISED) - {op.name for op in operations()} == set()


def test_health_is_beside_the_api() -> None:
    assert {path for path in contract()["paths"] if not path.startswith(PREFIX)} == {"/healthz", "/readyz"}


def test_the_committed_contract_is_the_generated_one() -> None:
    """`bizcore openapi web/openapi.json` writes it; the client of the web UI is made of it."""
    assert COMMITTED.read_text("utf-8") == generated()


def test_the_contract_is_written_without_a_database_and_always_the_same() -> None:
    assert generated() == generated()
    assert json.loads(generated())["openapi"].startswith("3.1.")


def test_what_other_apps_of_the_process_describe_does_not_change_it() -> None:
    answers(DocumentView, more={"type": "string"})
    assert COMMITTED.read_text("utf-8") == generated()


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    used = set(_references(contract()))
    assert {f"#/components/schemas/{name}" for name in contract()["components"]["schemas"]} >= used
    unused = set(contract()["components"]["schemas"]) - {reference.rpartition("/")[2] for reference in used}
    assert unused == set()


def test_a_schema_is_called_by_its_own_name() -> None:
    """Two that share a name would be told apart by the names of our modules."""
    assert [name for name in contract()["components"]["schemas"] if "__" in name] == []


def test_no_schema_tells_how_it_is_written_in_python() -> None:
    texts = [schema.get("description", "") for schema in contract()["components"]["schemas"].values()]
    assert [text for text in texts if "typing." in text or "Annotated" in text] == []


def test_operation_ids_are_unique() -> None:
    ids = [op.declared["operationId"] for op in operations()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("op", operations(), ids=lambda op: op.name)
def test_an_operation_describes_itself(op: Any) -> None:
    """Path parameters, a summary, every refusal in the one envelope, and for commands the dry run."""
    parameters = {(p["name"], p["in"]) for p in op.declared.get("parameters", [])}
    assert len(parameters) == len(op.declared.get("parameters", []))
    assert {name for name, where in parameters if where == "path"} == set(_names(op.path))
    assert op.declared["summary"]
    for status, response in op.declared["responses"].items():
        if status[0] in "45":
            schema = response["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/ErrorEnvelope"}, status
    if not op.path.startswith(("auth/", "organizations")):
        assert {"401", "429", "503"} <= set(op.declared["responses"])
    if op.method in ("POST", "PATCH") and op.permission and not op.path.startswith("webhooks/"):
        assert ("dry_run", "query") in parameters
        assert (("Idempotency-Key", "header") in parameters) == (op.method == "POST")
    if op.method == "PATCH":
        assert op.needs_match
        assert {"412", "428"} <= set(op.declared["responses"])


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [found for value in part.values() for found in _references(value)]
    if isinstance(part, list):
        return [found for value in part for found in _references(value)]
    return []


def _names(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]
