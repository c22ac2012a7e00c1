"""Every invariant is seen to fail: a superuser breaks it behind the triggers, and the check names what he broke."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from adapters.identity.secrets import Secrets
from adapters.postgres.connection import Connection
from adapters.postgres.verify import INVARIANTS, derived_statements, findings
from bizcore.settings import Settings
from services.cli.verify import CHECKS
from services.composition import PARTS, compose
from tests.procurement.support import Department

ACTIVE = "(SELECT id FROM platform.document WHERE type = '{}' AND phase = 'active' ORDER BY id LIMIT 1)"
VOID = ACTIVE.replace("active", "void")
RECEIPT_LINE = f"(SELECT id FROM procurement.goods_receipt_line WHERE document_id = {ACTIVE.format('goods_receipt')})"
ENTRY = f"(SELECT id FROM ledger.entry WHERE document_id = {ACTIVE.format('journal_entry')})"

# What is broken: the check, the damage, and what the finding says.
BROKEN = {
    "an entry is unbalanced": (
        "books",
        f"UPDATE ledger.posting SET amount_minor = amount_minor + 1 WHERE entry_id = {ENTRY} AND line_no = 1",
        r"Entry A-\S+ \(actual\) is off by 0\.01 EUR, by 0\.00 in the company's currency, and has 2 of 2 lines\.",
    ),
    "a line of an entry is gone": (
        "books",
        f"DELETE FROM ledger.posting WHERE entry_id = {ENTRY} AND line_no = 2",
        r"Entry A-\S+ \(actual\) is off by 9\.50 EUR, .* and has 1 of 2 lines\.",
    ),
    "a book does not sum to zero": (
        "books",
        "DELETE FROM ledger.posting WHERE book = 'commitment' AND role = 'commitment_control'",
        r"The commitment book of company MAIN sums to \S+ EUR instead of zero\.",
    ),
    "a line is of another day than its entry": (
        "books",
        f"UPDATE ledger.posting SET effective_on = effective_on + 1 WHERE entry_id = {ENTRY} AND line_no = 2",
        r"Line 2 of entry A-\S+ is of another company, book or day than its entry\.",
    ),
    "an entry counts outside its period": (
        "periods",
        f"UPDATE ledger.entry SET effective_on = effective_on + 40 WHERE id = {ENTRY}",
        r"Entry A-\S+ counts on \S+, outside its period \S+\.",
    ),
    "something was posted after closing": (
        "periods",
        f"UPDATE ledger.posting SET company_amount_minor = company_amount_minor * 2 WHERE entry_id = {ENTRY}",
        r"Period \S+ is closed with 9\.50 debit and 19\.00 credit on account 1020, .* say 9\.50 and 28\.50\.",
    ),
    "a period was opened without its subtotals going": (
        "periods",
        "UPDATE ledger.period SET state = 'open' WHERE state = 'closed'",
        r"Period \S+ is open and has subtotals of a closed one\.",
    ),
    "a number is given twice": (
        "numbers",
        """ALTER TABLE platform.document DROP CONSTRAINT document_type_company_id_number_key;
           UPDATE platform.document SET number = (SELECT min(number) FROM platform.document WHERE type = 'payment')
           WHERE type = 'payment' AND number IS NOT NULL""",
        r"Number PAY-\S+ of series payment is given 6 times\.",
    ),
    "a gapless number is missing": (
        "numbers",
        "DELETE FROM ledger.entry WHERE number LIKE 'A-%00003'",
        r"Number A-\d+-000003 of the gapless series entry:actual is missing\.",
    ),
    "a number was made up": (
        "numbers",
        f"UPDATE platform.document SET number = 'PO-9' WHERE id = {ACTIVE.format('purchase_order')}",
        r"Number PO-9 of series purchase_order was never drawn\.",
    ),
    "a posted paper has no number": (
        "numbers",
        f"UPDATE platform.document SET number = NULL WHERE id = {ACTIVE.format('supplier_invoice')}",
        r"supplier_invoice \S+ is active and has no number\.",
    ),
    "moves and layers differ": (
        "stock",
        "UPDATE inventory.move SET quantity = 11 WHERE to_location_id IS NULL",
        r"Item NUT: moves say 4 worth 100\.00, layers 10 worth 100\.00\.",
    ),
    "stock is below zero": (
        "stock",
        "UPDATE inventory.move SET quantity = 16 WHERE to_location_id IS NULL",
        r"Item NUT at location \S+ has -1 on hand\.",
    ),
    "a layer is overdrawn": (
        "stock",
        "UPDATE inventory.consumption SET quantity = 6",
        r"Of the layer of item NUT received on \S+, -1 and 0\.00 remain: less than nothing, or value without goods\.",
    ),
    "value is left without goods": (
        "stock",
        "UPDATE inventory.consumption SET value_minor = 4900",
        r"Of the layer of item NUT received on \S+, 0 and 1\.00 remain: less than nothing, or value without goods\.",
    ),
    "stock and its account differ": (
        "stock",
        """UPDATE ledger.posting SET company_amount_minor = company_amount_minor - 100
           WHERE role = 'inventory' AND company_amount_minor > 0
             AND entry_id = (SELECT min(entry_id::text)::uuid FROM ledger.posting WHERE role = 'inventory')""",
        r"Company MAIN: its stock is worth 100\.00, its inventory accounts say 99\.00\.",
    ),
    "a journal entry stands on a control account": (
        "books",
        f"""UPDATE ledger.posting SET account_id = (SELECT id FROM ledger.account WHERE code = '2010')
            WHERE entry_id = {ENTRY} AND line_no = 1""",
        r"Account 2010 of company MAIN stands at \S+, and the documents that it controls at \S+\.",
    ),
    "a budget is overspent": (
        "limits",
        "UPDATE ledger.fact SET company_amount_minor = 1 WHERE kind = 'ledger.budget.approved'",
        r"Budget line \S+ allows 0\.12 and requisitions, orders, receipts and charges took 400\.00\.",
    ),
    "more was received than ordered": (
        "limits",
        f"UPDATE procurement.goods_receipt_line SET quantity_ordered_unit = 31 WHERE id = {RECEIPT_LINE}",
        r"Line 1 of order PO-\S+ is for 30 and 31 were received\.",
    ),
    "more was ordered than asked for": (
        "limits",
        "UPDATE platform.line_link SET quantity = 41 WHERE kind = 'originates'",
        r"Line 1 of requisition PR-\S+ asks for 40 and 41 were ordered\.",
    ),
    "an invoice is overpaid": (
        "limits",
        f"""UPDATE ledger.posting SET amount_minor = amount_minor + 20000 WHERE amount_minor > 0
            AND open_item_id = {ACTIVE.format("supplier_invoice")}""",
        r"supplier_invoice SI-\S+ is for 100\.00 and -130\.00 of it is open\.",
    ),
    "a phase no step led to": (
        "effects",
        f"UPDATE platform.document SET phase = 'done', state = 'done' WHERE id = {ACTIVE.format('requisition')}",
        r"requisition PR-\S+ is done \(done\) and its last step led to active \(active\)\.",
    ),
    "a step is gone": (
        "effects",
        "DELETE FROM platform.document_step WHERE action = 'submit'",
        r"Step 3 \(approve\) of document \S+ begins in review, where no step had led\.",
    ),
    "a receipt fulfils nothing": (
        "effects",
        f"DELETE FROM platform.line_link WHERE source_line_id = {RECEIPT_LINE}",
        r"Line 1 of receipt GR-\S+, active, has 10, and its links say 0\.",
    ),
    "a receipt accrued nothing": (
        "effects",
        f"DELETE FROM procurement.accrual WHERE source_line_id = {RECEIPT_LINE}",
        r"Line 1 of receipt GR-\S+, active, has 10, and its accruals say 0\.",
    ),
    "a receipt moved nothing": (
        "effects",
        f"DELETE FROM inventory.move WHERE line_id = {RECEIPT_LINE}",
        r"Line 1 of receipt GR-\S+, active, moved 0 of item NUT\.",
    ),
    "a service is accepted without an accrual": (
        "effects",
        """DELETE FROM procurement.accrual WHERE unit_price IS NOT NULL AND document_id IN (
               SELECT id FROM platform.document WHERE type = 'supplier_invoice' AND phase = 'active')""",
        r"Line 1 of invoice SI-\S+, active, charges 3; of a service it accepted 3 by its links, 0 by its accruals\.",
    ),
    "accruals and their account differ": (
        "effects",
        f"""UPDATE procurement.accrual SET amount_company_minor = amount_company_minor + 1
            WHERE source_line_id = {RECEIPT_LINE}""",
        r"Company MAIN: its accruals come to 0\.01, its account of goods received not invoiced to 0\.00\.",
    ),
    "a posted invoice is not in the books": (
        "effects",
        f"DELETE FROM ledger.entry WHERE document_id = {ACTIVE.format('supplier_invoice')}",
        r"supplier_invoice SI-\S+ is active over 100\.00 and the books say 0\.00\.",
    ),
    "a journal entry was posted twice": (
        "effects",
        f"""INSERT INTO ledger.entry
            SELECT (jsonb_populate_record(e, jsonb_build_object('id', uuidv7(), 'number', 'X'))).*
            FROM ledger.entry e WHERE id = {ENTRY}""",
        r"Journal entry JE-\S+ is active and has 2 entries of which 0 are reversed\.",
    ),
    "a void paper leaves something": (
        "effects",
        f"""UPDATE ledger.posting SET company_amount_minor = company_amount_minor - 1 WHERE role = 'bank'
            AND entry_id IN (SELECT id FROM ledger.entry WHERE document_id = {VOID.format("payment")}
                             AND reverses_entry_id IS NULL)""",
        r"payment PAY-\S+ is void and leaves -0\.01 on account 1020\.",
    ),
    "a cancelled order keeps its budget": (
        "effects",
        f"""DELETE FROM procurement.commitment WHERE amount_company_minor < 0 AND line_id IN (
                SELECT id FROM platform.line WHERE document_id = {VOID.format("purchase_order")})""",
        r"purchase_order PO-\S+ is void and line 1 holds 300\.00 of a budget\.",
    ),
    "a fact is in no book": (
        "effects",
        "UPDATE ledger.posting SET fact_id = NULL WHERE role = 'bank'",
        r"Fact billing\.payment\.paid of payment PAY-\S+ is in no book\.",
    ),
    "an event is lost": (
        "events",
        """DELETE FROM outbox.event e USING platform.document_step s
           WHERE e.subject_id = s.document_id AND e.sequence = s.entry_no AND s.action = 'reverse'""",
        r"Step 3 \(reverse\) of goods_receipt GR-\S+ has no event\.",
    ),
    "an event is invented": (
        "events",
        "UPDATE outbox.event SET sequence = sequence + 50 WHERE type LIKE 'ledger.journal_entry.%'",
        r"Event \S+ \(ledger\.journal_entry\.\S+\) follows from no step of its document\.",
    ),
    "an event is neither logged nor due": (
        "events",
        "DELETE FROM outbox.log WHERE position = 5",
        r"Event \S+ \(\S+\) is neither logged nor due\.",
    ),
    "the log has a hole": (
        "events",
        "DELETE FROM outbox.log WHERE position = 5",
        r"The event log jumps from position 4 to 6\.",
    ),
    "the log is out of order": (
        "events",
        "UPDATE outbox.log SET position = -position",
        r"In the event log, event 1 of \S+ \S+ stands after event 2\.",
    ),
    "an attempt is not counted": (
        "deliveries",
        "UPDATE outbox.delivery SET attempts = 3 WHERE state = 'delivered'",
        r"Delivery \S+ counts 3 attempts and has 1\.",
    ),
    "a delivery ended without being accepted": (
        "deliveries",
        "UPDATE outbox.attempt SET status = 500",
        r"Delivery \S+ is delivered without an attempt that was accepted\.",
    ),
    "a delivery died for no reason": (
        "deliveries",
        "UPDATE outbox.delivery SET last_status = NULL WHERE state = 'dead'",
        r"Delivery \S+ is dead without a reason\.",
    ),
    "a delivery waits for ever": (
        "deliveries",
        "UPDATE outbox.delivery SET state = 'waiting', due_at = NULL WHERE state IN ('due', 'sending')",
        r"Delivery \S+ waits behind nothing\.",
    ),
    "a delivery overtook another": (
        "deliveries",
        "UPDATE outbox.delivery SET attempts = 1 WHERE sequence > 1",
        r"Delivery \S+ of event \d+ overtook that of event 1 of the same subject\.",
    ),
    "an order's receipts do not count": (
        "derived",
        "DELETE FROM platform.line_link WHERE kind = 'fulfils'",
        r"Order PO-\S+, line 1: received and invoiced are answered as \(0,0\.00,10,100\.00\), .* say \(10,100\.00,",
    ),
    "a budget's standing is not its facts": (
        "derived",
        "UPDATE ledger.posting SET company_amount_minor = company_amount_minor + 1 WHERE role = 'encumbrance'",
        (
            r"Budget line \S+ is answered as \{5000\.00,100\.00,\S+\}, "
            r"its facts say \{5000\.00,100\.00,200\.00,100\.00,4600\.00\}"
        ),
    ),
    "lines hold other budgets than the books say": (
        "derived",
        "UPDATE procurement.commitment SET amount_company_minor = amount_company_minor + 1",
        r"Budget line \S+: lines hold \S+, the commitment book says 300\.00\.",
    ),
    "a balance is not what is left": (
        "derived",
        "DELETE FROM ledger.fact WHERE kind = 'billing.payment.settled'",
        r"Invoice SI-\S+: its balance is answered as 70\.00, its total less its payments is 100\.00\.",
    ),
    "an advance is not what is left": (
        "derived",
        "DELETE FROM ledger.fact WHERE kind = 'billing.payment.settled'",
        r"Payment PAY-\S+: 10\.00 is answered as unallocated, its facts leave 40\.00\.",
    ),
}

EXPLAINS = "the rows that explain"
EXPLAINED = [code for part in PARTS for code, sql in part.documents.items() if sql.explain is not None]


async def test_an_honest_life_leaves_no_finding(lived: Department, superuser: Connection, servers: Settings) -> None:
    assert await superuser.fetchval("SELECT count(*) FROM platform.document") > 15
    await superuser.execute("ROLLBACK")
    for name, ask in CHECKS.items():
        assert [line async for line in ask(superuser, servers)] == [], name
    await superuser.execute("BEGIN")


@pytest.fixture(scope="module")
def statements(servers: Settings) -> dict[str, tuple[str, ...]]:
    """Of each check, those that find."""
    return {**INVARIANTS, "derived": derived_statements(compose(Secrets.of(servers.master_key)).catalogue)}


@pytest.mark.parametrize(("name", "damage", "said"), BROKEN.values(), ids=BROKEN)
async def test_damage_is_named(
    superuser: Connection, statements: dict[str, tuple[str, ...]], name: str, damage: str, said: str
) -> None:
    await superuser.execute(damage)
    found = await findings(superuser, statements[name])
    assert any(re.search(said, line) for line in found), found


async def test_no_statement_of_a_check_stays_silent_whatever_is_broken(
    superuser: Connection, statements: dict[str, tuple[str, ...]]
) -> None:
    spoke: set[str] = set()
    for name, damage, said in BROKEN.values():
        await superuser.execute("SAVEPOINT honest")
        await superuser.execute(damage)
        for statement in set(statements[name]) - spoke:
            if any(re.search(said, line) for line in await findings(superuser, [statement])):
                spoke.add(statement)
        await superuser.execute("ROLLBACK TO honest")
    silent = [statement for asked in statements.values() for statement in asked if statement not in spoke]
    assert [statement for statement in silent if EXPLAINS not in statement] == [], "explanations are broken below"


@pytest.mark.parametrize("code", EXPLAINED)
async def test_an_explanation_that_leaves_a_row_out_is_named(
    superuser: Connection, servers: Settings, code: str
) -> None:
    """Rows and value come of the same tables, so that no damage parts them: here the explanation itself is wrong."""
    catalogue = compose(Secrets.of(servers.master_key)).catalogue
    sql = catalogue.documents[code]
    short = f"""(SELECT jsonb_object_agg(m.key, m.value || jsonb_build_object('rows', (m.value -> 'rows') - 0))
                 FROM jsonb_each({sql.explain}) m)"""
    documents = {**catalogue.documents, code: replace(sql, explain=short)}
    found = await findings(superuser, derived_statements(replace(catalogue, documents=documents)))
    assert found
    for line in found:
        assert re.fullmatch(rf"{code} \S+: the rows that explain /\S+ add up to \S+ and not to \S+\.", line), line


def test_every_check_is_broken_once() -> None:
    assert {name for name, _, _ in BROKEN.values()} == CHECKS.keys() - {"audit"}, "the audit has tests of its own"
