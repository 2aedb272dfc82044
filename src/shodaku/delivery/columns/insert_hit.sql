-- A batch; whatever of it was copied before is replaced by itself.
INSERT INTO hit (workspace_id, contact_id, hit_no, mailing_id, link, actor, at) FORMAT JSONEachRow
