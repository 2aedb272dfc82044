-- A batch; whatever of it was copied before is replaced by itself.
INSERT INTO feedback (workspace_id, contact_id, feedback_no, mailing_id, kind, status, at) FORMAT JSONEachRow
