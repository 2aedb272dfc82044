-- Asking twice is one erasure: the same row answers.
insert into erasure (workspace_id, contact_id, state, receipt, rule, requested_at)
values (%(workspace_id)s, %(contact_id)s, 'requested', %(receipt)s, %(rule)s, %(now)s)
on conflict (workspace_id, contact_id) where contact_id is not null do update set rule = erasure.rule
returning erasure_id
