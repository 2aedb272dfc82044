-- One key a sealing; a step that is repeated keeps the first.
insert into hold_key (workspace_id, hold_id, epoch, wrapped)
values (%(workspace_id)s, %(hold_id)s, %(epoch)s, %(wrapped)s) on conflict do nothing
