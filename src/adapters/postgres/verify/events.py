"""Events and deliveries: one event for each step, each in the log or due, each delivery with the attempts it counts."""

from typing import Final

_LOST: Final = """
SELECT format('Step %s (%s) of %s %s has no event.', s.entry_no, s.action, d.type, coalesce(d.number, d.id::text))
FROM platform.document_step s JOIN platform.document d ON d.id = s.document_id
WHERE NOT EXISTS (SELECT FROM outbox.event e WHERE e.subject_id = s.document_id AND e.sequence = s.entry_no)
ORDER BY d.id, s.entry_no"""

_INVENTED: Final = """
SELECT format('Event %s (%s) follows from no step of its document.', e.id, e.type)
FROM outbox.event e
WHERE e.subject_kind = 'document' AND NOT EXISTS (
    SELECT FROM platform.document_step s WHERE s.document_id = e.subject_id AND s.entry_no = e.sequence)
UNION ALL
SELECT format('Event %s (%s) has no audit entry %s of its subject.', e.id, e.type, e.sequence)
FROM outbox.event e
WHERE NOT EXISTS (SELECT FROM audit.entry a WHERE a.subject_id = e.subject_id AND a.entry_no = e.sequence)"""

_LOGGED_OR_DUE: Final = """
SELECT format('Event %s (%s) is %s.', e.id, e.type,
              CASE WHEN l.event_id IS NULL THEN 'neither logged nor due' ELSE 'logged and due again' END)
FROM outbox.event e
LEFT JOIN outbox.log l ON l.event_id = e.id LEFT JOIN outbox.due u ON u.event_id = e.id
WHERE (l.event_id IS NULL) = (u.event_id IS NULL) ORDER BY e.id"""

_LOG_HOLES: Final = """
SELECT format('The event log jumps from position %s to %s.', before, position)
FROM (SELECT position, lag(position, 1, 0) OVER (ORDER BY position) AS before FROM outbox.log) l
WHERE position <> before + 1 ORDER BY position"""

_LOG_ORDER: Final = """
SELECT format('In the event log, event %s of %s %s stands after event %s.', s.sequence, s.subject_type, s.subject_id,
              s.before)
FROM (SELECT e.subject_type, e.subject_id, e.sequence,
             lag(e.sequence) OVER (PARTITION BY e.subject_id ORDER BY l.position) AS before
      FROM outbox.log l JOIN outbox.event e ON e.id = l.event_id) s
WHERE s.sequence <= s.before ORDER BY s.subject_id, s.sequence"""

EVENTS: Final = (_LOST, _INVENTED, _LOGGED_OR_DUE, _LOG_HOLES, _LOG_ORDER)

# An attempt is counted when it begins and written down when it ends, or when the next one finds its worker gone.
_ATTEMPTS: Final = """
SELECT format('Delivery %s counts %s attempts and has %s.', d.id, d.attempts, a.attempts)
FROM outbox.delivery d
CROSS JOIN LATERAL (
    SELECT count(*) + (d.state = 'sending')::int AS attempts FROM outbox.attempt a WHERE a.delivery_id = d.id) a
WHERE d.attempts <> a.attempts ORDER BY d.id"""

_ENDED: Final = """
SELECT format('Delivery %s is %s %s.', d.id, d.state,
              CASE d.state WHEN 'dead' THEN 'without a reason' ELSE 'without an attempt that was accepted' END)
FROM outbox.delivery d
WHERE (d.state = 'dead' AND d.last_status IS NULL AND d.last_error IS NULL)
   OR (d.state = 'delivered' AND NOT EXISTS (
       SELECT FROM outbox.attempt a WHERE a.delivery_id = d.id AND a.status BETWEEN 200 AND 299))
ORDER BY d.id"""

_STUCK: Final = """
SELECT format('Delivery %s waits behind nothing.', d.id)
FROM outbox.delivery d
WHERE d.state = 'waiting' AND NOT EXISTS (
    SELECT FROM outbox.delivery h WHERE h.endpoint_id = d.endpoint_id AND h.subject_id = d.subject_id
      AND h.state IN ('due', 'sending', 'dead'))
ORDER BY d.id"""

_OVERTAKEN: Final = """
SELECT format('Delivery %s of event %s overtook that of event %s of the same subject.', l.id, l.sequence, d.sequence)
FROM outbox.delivery d JOIN outbox.delivery l
  ON l.endpoint_id = d.endpoint_id AND l.subject_id = d.subject_id AND l.sequence > d.sequence
WHERE d.attempts = 0 AND l.attempts > 0 ORDER BY l.id"""

DELIVERIES: Final = (_ATTEMPTS, _ENDED, _STUCK, _OVERTAKEN)
