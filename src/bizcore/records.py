"""Master records: what documents refer to. They carry version, audit and attributes, in their own tables."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecordType:
    """One kind of master record and the dataclass it answers as."""

    kind: str
    context: str
    route: str
    label: str
    view: type
    sort: str = "-id"  # what its list is ordered by when nobody says

    def permission(self, action: str) -> str:
        return f"{self.context}.{self.kind}.{action}"
