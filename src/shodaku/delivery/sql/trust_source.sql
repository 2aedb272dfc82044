-- A mail server of the business itself, or of its provider: it hands on what others said.
insert into bounce_source (workspace_id, source, since, hard, unproved, domains, held, trusted_until)
values (%(workspace_id)s, %(source)s::inet, %(now)s, 0, 0, '{}', 0, %(until)s)
on conflict (workspace_id, source) do update set trusted_until = excluded.trusted_until, quarantined_until = null
