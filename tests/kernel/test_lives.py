"""Random lives of documents against a small model: what is refused, what counts, and that nothing else moves."""

import asyncio
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bizcore.documents import Document, Phase
from bizcore.documents.commands import guard_facts
from bizcore.documents.document import CONTRIBUTIONS
from bizcore.documents.workflow import WAYS
from bizcore.errors import BusinessError
from tests.kernel.office import Change, Create, Office
from tests.kernel.papers import AT, change, draft, next_command, person

PEOPLE = [person(name) for name in ("Alice", "Bob", "Carol", "Dave", "Erin")]
somebody = st.sampled_from(range(len(PEOPLE)))

# Of the shipped workflow: from which phases each action leads where.
LEADS = {
    "submit": ({"draft"}, "review"),
    "approve": ({"review"}, "active"),
    "reject": ({"review"}, "draft"),
    "cancel": ({"draft", "review", "active"}, "void"),
    "close": ({"active"}, "done"),
    "reopen": ({"done"}, "active"),
}


class Model:
    """What a document of a total is, said in the fewest words."""

    def __init__(self, creator: int, total: int) -> None:
        self.phase = "draft"
        self.version = self.entry_no = 1
        self.needed = 2 if abs(total) >= 10_000_00 else 1
        self.contributors = {creator}
        self.approved: set[int] = set()

    def moved(self) -> None:
        self.version += 1
        self.entry_no += 1

    def change(self, who: int) -> bool:
        if self.phase != "draft":
            return False
        self.contributors.add(who)
        self.moved()
        return True

    def amend(self, who: int) -> bool:
        if self.phase != "active":
            return False
        self.contributors.add(who)
        self.approved = set()
        self.phase = "review"
        self.moved()
        return True

    def take(self, who: int, action: str) -> str | None:
        """The code of the refusal, None where it is done."""
        sources, target = LEADS[action]
        if self.phase not in sources:
            return "WRONG_PHASE"
        if action == "approve":
            if who in self.contributors | self.approved:
                return "SEPARATION_OF_DUTIES"
            self.approved.add(who)
            if len(self.approved) < self.needed:
                target = "review"
        if action == "submit":
            self.contributors.add(who)
            self.approved = set()
        self.phase = target
        self.moved()
        return None


class Lives(RuleBasedStateMachine):
    """One document in memory."""

    document: Document
    model: Model

    @initialize(creator=somebody, total=st.integers(-20_000_00, 20_000_00))
    def create(self, creator: int, total: int) -> None:
        self.document = draft(PEOPLE[creator], total=total)
        self.model = Model(creator, total)

    @rule(who=somebody)
    def change(self, who: int) -> None:
        if self.model.change(who):
            change(self.document, PEOPLE[who])

    @rule(who=somebody)
    def amend(self, who: int) -> None:
        if self.model.amend(who):
            next_command(self.document)
            review = self.document.review_state().code
            self.document.record_change("amend", PEOPLE[who].id, AT, "Changed", state=review)

    @rule(who=somebody, action=st.sampled_from(sorted(LEADS)))
    def take(self, who: int, action: str) -> None:
        next_command(self.document)
        expected = self.model.take(who, action)
        try:
            step = self.document.decide(action, PEOPLE[who], AT, "Why", guard_facts(self.document))
        except BusinessError as refusal:
            found: str | None = refusal.code
        else:
            found = None
            self.document.apply(step)
        assert found == expected

    @rule()
    def comment(self) -> None:
        next_command(self.document)
        self.document.noted()
        self.model.entry_no += 1

    @invariant()
    def it_is_what_the_model_says(self) -> None:
        if hasattr(self, "model"):
            found = (self.document.phase.value, self.document.version, self.document.entry_no)
            assert found == (self.model.phase, self.model.version, self.model.entry_no)

    @invariant()
    def its_phase_is_the_fold_of_its_steps_along_known_ways(self) -> None:
        if hasattr(self, "model"):
            before: Phase | None = None
            for step in self.document.steps:
                assert step.from_phase is before
                assert before is None or step.to_phase is before or step.to_phase in WAYS[before]
                before = step.to_phase
            assert self.document.phase is before

    @invariant()
    def whoever_approved_had_no_other_part_in_it(self) -> None:
        if hasattr(self, "model"):
            for index, step in enumerate(self.document.steps):
                if step.action == "approve":
                    earlier = self.document.steps[:index]
                    contributed = {s.actor_id for s in earlier if s.action in CONTRIBUTIONS}
                    approved = {s.actor_id for s in earlier if s.action == "approve" and s.round == step.round}
                    assert step.actor_id not in contributed | approved


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


actions = st.sampled_from(["submit", "approve", "approve", "reject", "cancel", "change", "dry approve"])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(total=st.sampled_from([1_00, 10_000_00]), life=st.lists(st.tuples(somebody, actions), min_size=3, max_size=14))
async def test_a_random_life_on_postgresql_is_what_the_model_says_and_its_history_is_whole(
    office: Office, total: int, life: list[tuple[int, str]]
) -> None:
    people = await asyncio.gather(*(office.person(f"Person {n}") for n in range(len(PEOPLE))))
    id = (await office.run(people[0], Create(total=total))).subject_id
    model = Model(0, total)
    for who, action in life:
        expected: str | None
        command: Any
        dry_run = action.startswith("dry ")
        if action == "change":
            expected = None if model.change(who) else "WRONG_PHASE"
            command = Change(id=id, total=total)
        else:
            name = action.removeprefix("dry ")
            kept = dict(vars(model), contributors=set(model.contributors), approved=set(model.approved))
            expected = model.take(who, name)
            if dry_run:
                vars(model).update(kept)
            command = office.action(name, id)
        found = None
        try:
            await office.run(people[who], command, dry_run=dry_run)
        except BusinessError as refusal:
            found = refusal.code
        assert found == expected
    (head,) = await office.fetch("SELECT phase, version, entry_no FROM platform.document WHERE id = $1", id)
    assert head == {"phase": model.phase, "version": model.version, "entry_no": model.entry_no}
    for query in (
        "SELECT entry_no FROM audit.entry WHERE subject_id = $1 ORDER BY 1",
        "SELECT sequence FROM outbox.event WHERE subject_id = $1 ORDER BY 1",
        "SELECT entry_no FROM platform.document_step WHERE document_id = $1 ORDER BY 1",
    ):
        counted = [next(iter(row.values())) for row in await office.fetch(query, id)]
        assert counted == list(range(1, model.entry_no + 1))
    waits = await office.fetchval("SELECT count(*) FROM platform.task WHERE document_id = $1 AND closed_at IS NULL", id)
    assert waits == (model.phase == "review")
