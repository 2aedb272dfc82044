-- Asking twice is one erasure: the same row answers.
insert into erasure (workspace_id, contact_id, state, receipt, rule, requested_at)
select %(workspace_id)s, each.contact_id, 'requested', each.receipt, %(rule)s, %(now)s
from unnest(%(contacts)s::bigint[], %(receipts)s::text[]) as each (contact_id, receipt) order by each.contact_id
on conflict (workspace_id, contact_id) where contact_id is not null do update set rule = erasure.rule
returning contact_id, erasure_id
