"""Files of a document: taken in as a stream and given out as one, through the API alone."""

import hashlib
import unicodedata
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID

import orjson
from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import Response, StreamingResponse

from adapters.objectstore.orphans import PENDING
from adapters.objectstore.sniffing import HEAD, media_type
from adapters.postgres.platform import history
from adapters.postgres.tenant_reading import TenantReading
from bizcore.bounds import MAX_UPLOAD_BYTES
from bizcore.documents import AnyDocumentType
from bizcore.documents.commands import AttachFile, attach_file
from bizcore.errors import BusinessError, ErrorKind, LimitExceeded, NotFound, PermissionDenied, ValidationFailed
from bizcore.faults import fault
from bizcore.fields import Field
from bizcore.ids import new_id
from bizcore.objects import ObjectStore
from bizcore.records import RecordType
from bizcore.registry import Registered
from services.api import openapi
from services.api.mounting import path_id
from services.api.parsing import ParsedBody, parse_body
from services.api.surface import answered, refuse_undeclared, surface

ENVELOPE: Final = 64 * 1024  # bytes of a form around its file
PART: Final = 256 * 1024
MAX_NAME: Final = 255

_ATTACHMENT: Final = """jsonb_build_object(
    'id', a.id, 'document', a.document_id, 'name', a.name, 'media_type', a.media_type, 'size', a.size,
    'sha256', a.sha256, 'created_at', platform.instant_text(a.created_at), 'created_by', a.created_by,
    'created_by_name', p.name)"""
LIST: Final = f"""
    SELECT coalesce(jsonb_agg({_ATTACHMENT} ORDER BY a.id), '[]')::text
    FROM platform.attachment a JOIN platform.principal p ON p.id = a.created_by WHERE a.document_id = $1"""
GET: Final = """
    SELECT name, media_type, size, sha256, object_key FROM platform.attachment WHERE document_id = $1 AND id = $2"""


class FileTooLarge(LimitExceeded):
    code = "FILE_TOO_LARGE"
    kind = ErrorKind.TOO_LARGE


class NotAForm(BusinessError):
    code = "UNSUPPORTED_MEDIA_TYPE"
    kind = ErrorKind.UNSUPPORTED


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentView:
    """A file kept with a document."""

    id: Annotated[UUID, Field("Id")]
    document: Annotated[UUID, Field("Document")]
    name: Annotated[str, Field("File name")]
    media_type: Annotated[str, Field("Media type")]
    size: Annotated[int, Field("Size", help="In bytes")]
    sha256: Annotated[str, Field("SHA-256")]
    created_at: Annotated[str, Field("At")]
    created_by: Annotated[UUID, Field("By")]
    created_by_name: Annotated[str, Field("By")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachments:
    """The files of a document, oldest first."""

    data: Annotated[tuple[AttachmentView, ...], Field("Files")]


ATTACHMENT: Final = RecordType("attachment", "platform", "attachments", "Attachment", AttachmentView)


def add_routes(
    router: APIRouter, types: Mapping[str, AnyDocumentType], objects: Callable[[Request], ObjectStore]
) -> None:
    """`objects` finds the store that the running application opened."""

    async def readable(read: TenantReading, request: Request, action: str) -> AnyDocumentType:
        """The type of the document asked for. Errors: NOT_FOUND, PERMISSION_DENIED, MALFORMED."""
        type = types[await history.type_code(read, path_id(request))]
        for permission in (type.permission("read"), type.permission(action)):
            if not read.allows(permission):
                raise PermissionDenied(permission)
        refuse_undeclared(request)
        return type

    @router.post(
        "/documents/{id}/attachments", operation_id="documents.attach", status_code=201, openapi_extra=_upload()
    )
    async def attach(request: Request) -> Response:
        own = surface(request)
        async with own.reading(request, None) as read:
            type, bucket = await readable(read, request, "attach"), read.tenant.bucket
        key = f"{PENDING}{new_id()}"
        command = await _take_in(request, objects(request), bucket, key)
        fault("attach.after_put")
        registered = Registered(
            AttachFile, type.permission("attach"), "POST documents/{id}/attachments", attach_file, ATTACHMENT
        )

        def parse() -> ParsedBody:
            parsed = parse_body(AttachFile, orjson.dumps(command), {"id": path_id(request)})
            # Two uploads of one file are one request, though each has a key of its own.
            same = f"{path_id(request)} {command['name']} {command['sha256']}"
            return replace(parsed, body_hash=hashlib.sha256(same.encode()).hexdigest())

        answer = None
        try:
            answer = await own.run(request, registered, parse)
        finally:
            # Refused, tried or answered from before: nothing names this object. What is missed here is swept.
            if answer is None or answer.replayed or own.call(request, command=True).dry_run:
                await objects(request).remove(bucket, key)
        return answered(answer, created=True)

    @router.get("/documents/{id}/attachments", operation_id="documents.attachments", openapi_extra=_list())
    async def attachments(request: Request) -> Response:
        async with surface(request).reading(request, None) as read:
            await readable(read, request, "read")
            found = await read.connection.fetchval(LIST, path_id(request))
        return Response(f'{{"data":{found}}}', media_type="application/json", headers={"Cache-Control": "no-store"})

    @router.get(
        "/documents/{id}/attachments/{attachment}", operation_id="documents.download", openapi_extra=_download()
    )
    async def download(request: Request) -> Response:
        async with surface(request).reading(request, None) as read:
            await readable(read, request, "read")
            row = await read.connection.fetchrow(GET, path_id(request), _attachment_id(request))
            bucket = read.tenant.bucket
        if row is None:
            raise NotFound("The document has no such attachment.")
        await objects(request).stat(bucket, row["object_key"])  # a missing object is a refusal, not a broken stream
        headers = {
            "Content-Disposition": disposition(row["name"]),
            "Content-Length": str(row["size"]),
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
            "ETag": f'"{row["sha256"]}"',
        }
        return StreamingResponse(objects(request).get(bucket, row["object_key"]), 200, headers, row["media_type"])


def file_name(given: str) -> str:
    """The last part of a name, without the folders a browser may send. Errors: VALIDATION_FAILED."""
    name = given.replace("\\", "/").rpartition("/")[2].strip()
    # Control and format characters hide what a name says: a right-to-left override turns gpj.exe into exe.jpg.
    hidden = any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn") for character in name)
    if not 0 < len(name) <= MAX_NAME or hidden or name in (".", ".."):
        message = f"A file name has 1 to {MAX_NAME} visible characters."
        raise ValidationFailed.at("/file", "INVALID_FILE_NAME", message, given=given[:100], allowed=MAX_NAME)
    return name


def disposition(name: str) -> str:
    """Content-Disposition for saving under `name` (RFC 6266): plain ASCII beside the exact name of RFC 8187."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%;' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def _take_in(request: Request, objects: ObjectStore, bucket: str, key: str) -> dict[str, Any]:
    """Judge the uploaded file and store it; the command's fields.
    Errors: UNSUPPORTED_MEDIA_TYPE, FILE_TOO_LARGE, FILE_TYPE_NOT_ALLOWED, VALIDATION_FAILED, OBJECTS_UNAVAILABLE."""
    if not request.headers.get("Content-Type", "").lower().startswith("multipart/form-data"):
        raise NotAForm("A file is sent as multipart/form-data.", allowed=["multipart/form-data"])
    try:
        form = await MultiPartParser(request.headers, _bounded(request), max_files=1, max_fields=8).parse()
    except (MultiPartException, KeyError) as error:
        raise ValidationFailed.at("", "MALFORMED_FORM", f"The form cannot be read: {error}") from None
    try:
        upload = form.get("file")
        if not isinstance(upload, UploadFile):
            raise ValidationFailed.at("/file", "REQUIRED", "A form field `file` holds the file.")
        if (upload.size or 0) > MAX_UPLOAD_BYTES:
            raise FileTooLarge("The file is too large.", limit=MAX_UPLOAD_BYTES, given=upload.size or 0)
        name = file_name(upload.filename or "")
        kind = media_type(name, await upload.read(HEAD))
        await upload.seek(0)
        digest = hashlib.sha256()

        async def parts() -> AsyncIterator[bytes]:
            while part := await upload.read(PART):
                digest.update(part)
                yield part

        size = await objects.put(bucket, key, parts())
    finally:
        await form.close()
    return {"object_key": key, "sha256": digest.hexdigest(), "size": size, "media_type": kind, "name": name}


async def _bounded(request: Request) -> AsyncGenerator[bytes, None]:
    """The body, broken off where it cannot be a file that is taken."""
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_UPLOAD_BYTES + ENVELOPE:
            raise FileTooLarge("The file is too large.", limit=MAX_UPLOAD_BYTES, given=size)
        yield part


def _attachment_id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["attachment"])
    except ValueError:
        raise NotFound("The document has no such attachment.") from None


def _upload() -> dict[str, Any]:
    form = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
    return openapi.command(
        Registered(AttachFile, "platform.document.attach", "POST documents/{id}/attachments", attach_file, ATTACHMENT),
        form,
    )


def _list() -> dict[str, Any]:
    return openapi.read_operation(Attachments, "platform.document.read", "Files of a document", derived=False)


def _download() -> dict[str, Any]:
    described = openapi.read_operation(AttachmentView, "platform.document.read", "A file's content", derived=False)
    binary = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
    one = {"name": "attachment", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    replies = {**described["responses"], "200": {"description": "The file", "content": binary}}
    return {**described, "parameters": [*described["parameters"], one], "responses": replies}
