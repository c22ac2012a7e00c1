"""What a client asked and what it heard, written down before and after: the truth that the database is held to."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class Heard(StrEnum):
    """How a request ended, for the one who sent it."""

    OK = "ok"
    REFUSED = "refused"
    UNKNOWN = "unknown"  # no answer, or one that promises nothing: it may have happened


@dataclass(slots=True)
class Asked:
    """One command under one key, and what each sending of it came to."""

    key: str
    person: str
    path: str
    body: Any
    heard: list[Heard] = field(default_factory=list)
    subjects: set[str] = field(default_factory=set)

    @property
    def outcome(self) -> Heard:
        """One success is success, whatever other sendings came to; a refusal after a doubt settles it."""
        if Heard.OK in self.heard:
            return Heard.OK
        return self.heard[-1] if self.heard else Heard.UNKNOWN


class Journal:
    """A file of lines, one before each request and one after, as a careful client would keep it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def asked(self, key: str, person: str, path: str, body: object) -> None:
        self._write({"key": key, "person": person, "path": path, "body": body})

    def heard(self, key: str, heard: Heard, subject: str | None = None) -> None:
        self._write({"key": key, "heard": heard, "subject": subject})

    def _write(self, line: dict[str, object]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def read(self) -> dict[str, Asked]:
        """Every command by its key, in the order asked."""
        found: dict[str, Asked] = {}
        for text in self._path.read_text("utf-8").splitlines():
            line = json.loads(text)
            key = line["key"]
            if "path" in line:
                found[key] = Asked(key, line["person"], line["path"], line["body"])
            else:
                found[key].heard.append(Heard(line["heard"]))
                if line["subject"]:
                    found[key].subjects.add(line["subject"])
        return found
