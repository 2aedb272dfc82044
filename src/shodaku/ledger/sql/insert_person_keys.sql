-- One key a person; who has one keeps it.
insert into person_key (workspace_id, contact_id, epoch, wrapped)
select %(workspace_id)s, each.contact_id, %(epoch)s, each.wrapped
from unnest(%(ids)s::bigint[], %(wrapped)s::bytea[]) as each (contact_id, wrapped)
on conflict do nothing returning contact_id
