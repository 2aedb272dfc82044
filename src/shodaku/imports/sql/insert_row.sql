-- A row that needs a look.
insert into import_row (workspace_id, batch_id, line, contact_id, verdict, reason)
values (%(workspace_id)s, %(batch_id)s, %(line)s, %(contact_id)s, %(verdict)s, %(reason)s) on conflict do nothing
