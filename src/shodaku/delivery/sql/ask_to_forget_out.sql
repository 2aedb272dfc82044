-- In the transaction that deletes the person's rows here. Where nothing was ever copied there is nothing to ask for.
insert into forget_out (workspace_id, contact_id, hits_only, asked_at)
select %(workspace_id)s, %(contact_id)s, %(hits_only)s, clock_timestamp()
where %(copies)s or exists (select from copied_out c where c.workspace_id = %(workspace_id)s)
on conflict (workspace_id, contact_id, hits_only) do update set asked_at = excluded.asked_at, deleted_at = null
