"""The operators of JSONLogic (jsonlogic.com), each with how it evaluates and which types it takes.

Numbers are exact and a division that never ends stays a fraction. Where JavaScript answers NaN or Infinity the rule
fails instead, because a comparison with either is quietly false.
"""

from collections.abc import Mapping
from typing import Final

from jsonlogic.registry import OperatorRegistry

from bizcore.rules.operators import arithmetic, arrays, comparison, data, logic, text
from bizcore.rules.operators.base import RuleOperator, type_of, value_of

OPERATORS: Final[Mapping[str, type[RuleOperator]]] = {
    **data.OPERATORS,
    **logic.OPERATORS,
    **comparison.OPERATORS,
    **arithmetic.OPERATORS,
    **text.OPERATORS,
    **arrays.OPERATORS,
}
REGISTRY: Final = OperatorRegistry().copy(extend=dict(OPERATORS))

__all__ = ["OPERATORS", "REGISTRY", "RuleOperator", "type_of", "value_of"]
