"""Comments and attachments as answers."""

from adapters.postgres.types import Part, RecordSql

_BY = "(SELECT p.name FROM platform.principal p WHERE p.id = r.created_by)"

_COMMENT = f"""jsonb_build_object(
    'id', r.id, 'document', r.document_id, 'body', r.body, 'created_at', platform.instant_text(r.created_at),
    'created_by', r.created_by, 'created_by_name', {_BY})"""

_ATTACHMENT = f"""jsonb_build_object(
    'id', r.id, 'document', r.document_id, 'name', r.name, 'media_type', r.media_type, 'size', r.size,
    'sha256', r.sha256, 'created_at', platform.instant_text(r.created_at),
    'created_by', r.created_by, 'created_by_name', {_BY})"""

PART = Part(
    records={
        "comment": RecordSql(table="platform.comment", view=_COMMENT, code="id"),
        "attachment": RecordSql(table="platform.attachment", view=_ATTACHMENT, code="id"),
    }
)
