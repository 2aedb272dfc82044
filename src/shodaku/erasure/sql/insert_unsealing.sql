-- Somebody asks; nothing is open yet.
insert into unsealing (workspace_id, hold_id, reason, asked_by, asked_at)
values (%(workspace_id)s, %(hold_id)s, %(reason)s, %(by)s, %(now)s) returning unsealing_id
