"""What a file is: by its name and by its first bytes, which must agree, and among the kinds that are taken."""

from typing import Final

import puremagic

from bizcore.errors import BusinessError, ErrorKind

HEAD: Final = 8_192  # bytes that are looked at

_TEXT: Final = {".txt": "text/plain", ".csv": "text/csv"}
# No HTML and no SVG: a browser would run what is in them.
_BINARY: Final = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".xml": "application/xml",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
}
ALLOWED: Final = tuple(sorted(_TEXT | _BINARY))
_CONTROL: Final = frozenset(range(32)) - set(b"\t\n\f\r")


class FileTypeNotAllowed(BusinessError):
    """Its name or its content is of no kind that is taken, or the two disagree."""

    code = "FILE_TYPE_NOT_ALLOWED"
    kind = ErrorKind.UNSUPPORTED


def media_type(name: str, head: bytes) -> str:
    """The media type of a file by its name and first bytes. Errors: FILE_TYPE_NOT_ALLOWED."""
    dot = name.rfind(".")
    extension = name[dot:].lower() if dot > 0 else ""
    if extension in _TEXT:
        if not _CONTROL.isdisjoint(head):
            raise FileTypeNotAllowed("The content is not text.", name=name, allowed=ALLOWED)
        return _TEXT[extension]
    if extension not in _BINARY:
        raise FileTypeNotAllowed(f"Files of type {extension or 'unknown'} are not taken.", name=name, allowed=ALLOWED)
    if extension not in _found(head):
        raise FileTypeNotAllowed(f"The content is not that of a {extension} file.", name=name, allowed=ALLOWED)
    return _BINARY[extension]


def _found(head: bytes) -> set[str]:
    try:
        return {match.extension.lower() for match in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):  # nothing known, or nothing there
        return set()
