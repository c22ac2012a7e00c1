"""Casbin as the judge of roles. It sees roles and permissions, never a document, and no matcher that a tenant wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from casbin import FastEnforcer
from casbin.model import FastModel

from bizcore.access import covers

MODEL = """
[request_definition]
r = role, permission
[policy_definition]
p = role, pattern
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.role == p.role && covers(p.pattern, r.permission)
"""


class CasbinPolicy:
    """The roles of one organization at one version of its grants. A decision is made once and remembered."""

    def __init__(self, roles: Mapping[str, Iterable[str]]) -> None:
        """`roles` holds the permission patterns of each role by its code."""
        model = FastModel([0])
        model.load_model_from_text(MODEL)
        self._enforcer = FastEnforcer(model, cache_key_order=[0])
        self._enforcer.add_function("covers", covers)
        self._enforcer.add_policies([[role, pattern] for role, patterns in roles.items() for pattern in set(patterns)])
        self._decisions: dict[tuple[str, str], bool] = {}

    def allows(self, roles: Iterable[str], permission: str) -> bool:
        return any(self._decide(role, permission) for role in roles)

    def _decide(self, role: str, permission: str) -> bool:
        key = (role, permission)
        if key not in self._decisions:
            self._decisions[key] = self._enforcer.enforce(role, permission)
        return self._decisions[key]
