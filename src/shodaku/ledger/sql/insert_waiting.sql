-- The vault is away: the acts are kept under the outbox key until it is back.
insert into ledger_waiting (workspace_id, contact_id, event_id, kind, hour, body)
select %(workspace_id)s, each.* from unnest(%(contacts)s::bigint[], %(events)s::uuid[], %(kinds)s::text[], %(hours)s::int[], %(bodies)s::bytea[]) as each
on conflict do nothing
