"""Phases: what a document's standing means to everybody, whatever a tenant calls its states."""

from enum import StrEnum


class Phase(StrEnum):
    DRAFT = "draft"
    REVIEW = "review"
    ACTIVE = "active"
    DONE = "done"
    VOID = "void"
