-- Said twice is said once.
insert into same_person (workspace_id, contact_id, other_id, at)
values (%(workspace_id)s, least(%(contact_id)s::bigint, %(other_id)s), greatest(%(contact_id)s::bigint, %(other_id)s), %(now)s)
on conflict do nothing
