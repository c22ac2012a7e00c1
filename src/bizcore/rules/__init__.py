"""JSONLogic, exact and bounded: what tenants may vary is rule data that this evaluates."""

from bizcore.rules.context import RuleFailed
from bizcore.rules.limits import MAX_CHARACTERS, MAX_DEPTH, MAX_NODES, MAX_STEPS
from bizcore.rules.rule import Rule, compile_rule

__all__ = ["MAX_CHARACTERS", "MAX_DEPTH", "MAX_NODES", "MAX_STEPS", "Rule", "RuleFailed", "compile_rule"]
