"""Posting rules: each change is a new revision, and every posting names the one it was made by."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from bizcore.fields import Field
from bizcore.ids import new_id
from contexts.ledger.domain.journal_entry import Book
from contexts.ledger.domain.posting_rule import PostingRule, RuleLine, Side
from contexts.ledger.ports import LedgerWork


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLineInput:
    """One posting: the fact's amount on one side of the account that plays a role."""

    side: Annotated[Literal["debit", "credit"], Field("Side", help="Of a positive amount; a negative one is turned")]
    role: Annotated[str, Field("Role", help="Whose account is posted to", example="expense", max_length=50)]
    own_account: Annotated[bool, Field("Own account", help="The account that the document names comes first")] = False
    budget_line: Annotated[bool, Field("Counts for the budget", help="On one of the lines only")] = False
    open_item: Annotated[bool, Field("Opens or settles the open item", help="On one of the lines only")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisePostingRule:
    """Say what a kind of fact means to the books from now on."""

    fact_kind: Annotated[
        str, Field("Fact", example="procurement.goods_receipt.received", pattern=r"^[a-z_]+\.[a-z_]+\.[a-z_]+$")
    ]
    book: Annotated[Literal["actual", "budget", "commitment"], Field("Book")] = "actual"
    lines: Annotated[tuple[RuleLineInput, ...], Field("Lines", min_length=1, max_length=10)]


async def revise_posting_rule(command: RevisePostingRule, work: LedgerWork) -> UUID:
    lines = tuple(
        RuleLine(
            side=Side(line.side),
            role=line.role,
            own_account=line.own_account,
            budget_line=line.budget_line,
            open_item=line.open_item,
        )
        for line in command.lines
    )
    revision = await work.ledger_masters.next_revision(command.fact_kind)
    rule = PostingRule(new_id(), command.fact_kind, revision, Book(command.book), lines)
    chart = (await work.journal.bookkeeping()).chart
    rule.check([key.role for key in chart.roles])
    return await work.ledger_masters.add(
        "posting_rule",
        {"id": rule.id, "fact_kind": rule.fact_kind, "revision": revision, "definition": rule.definition()},
    )
