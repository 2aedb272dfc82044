-- Whoever signs is listed for ever.
insert into ledger_signer (workspace_id, vkey, since)
select %(workspace_id)s, each, %(now)s from unnest(%(vkeys)s::text[]) as each on conflict do nothing
