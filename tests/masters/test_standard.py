"""What package `standard` ships for documents: every type can be numbered and walked through."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from adapters.postgres.configuration import NumberSeries
from adapters.postgres.numbering import number_text, series_key
from adapters.postgres.platform.standard import SERIES, WORKFLOWS
from bizcore.documents.workflow import Workflow

# The ways that the database allows a phase to change.
WAYS = {
    ("draft", "review"),
    ("draft", "active"),
    ("draft", "void"),
    ("review", "draft"),
    ("review", "active"),
    ("review", "void"),
    ("active", "done"),
    ("active", "void"),
    ("done", "active"),
}


def workflow(document_type: str) -> Workflow:
    return Workflow.parse(uuid4(), document_type, 1, WORKFLOWS[document_type])


def test_every_type_with_a_workflow_has_a_series():
    assert set(WORKFLOWS) <= {series.document_type for series in SERIES}


@pytest.mark.parametrize("document_type", WORKFLOWS)
def test_every_state_is_reached_along_allowed_ways(document_type):
    found = workflow(document_type)
    reached = {found.initial}
    for transition in found.transitions * len(found.states):
        if transition.sources & reached:
            reached.add(transition.target)
    assert reached == set(found.states)
    phases = {
        (found.states[source].phase.value, found.states[transition.target].phase.value)
        for transition in found.transitions
        for source in transition.sources
    }
    assert phases <= WAYS


@pytest.mark.parametrize("document_type", ["requisition", "purchase_order"])
@pytest.mark.parametrize(("amount", "approvals"), [("0", 1), ("9999.99", 1), ("10000", 2), ("1000000", 2)])
def test_from_ten_thousand_on_two_people_approve(document_type, amount, approvals):
    approve = workflow(document_type).transition("approve", "review")
    assert approve is not None
    assert approve.approvals_needed(Decimal(amount)) == approvals


@pytest.mark.parametrize("document_type", ["goods_receipt", "supplier_invoice", "payment"])
def test_a_posting_is_no_approval_and_is_taken_back_with_a_reason(document_type):
    found = workflow(document_type)
    post, reverse = found.transition("post", "draft"), found.transition("reverse", "active")
    assert post is not None
    assert post.approvals_needed(Decimal(1_000_000)) == 0
    assert reverse is not None
    assert reverse.reason


def test_what_the_law_wants_counted_is_gapless():
    gapless = {series.document_type for series in SERIES if series.gapless}
    assert gapless == {"supplier_invoice", "payment"}


def test_numbers_are_printed_by_pattern():
    printed = {}
    for shipped in SERIES:
        series = NumberSeries(shipped.document_type, shipped.gapless, shipped.pattern, shipped.yearly)
        printed[shipped.document_type] = number_text(series, series_key(series, uuid4(), date(2026, 5, 4)), 42)
    assert printed == {
        "requisition": "PR-2026-00042",
        "purchase_order": "PO-2026-00042",
        "goods_receipt": "GR-2026-00042",
        "supplier_invoice": "SI-2026-00042",
        "payment": "PAY-2026-00042",
        "party": "PA-00042",
    }
