-- Mailings that may have been sent since the dump: a human decides whether they go on.
insert into replay_paused (workspace_id, mailing_id, at)
select %(workspace_id)s, each, %(now)s from unnest(%(mailing_ids)s::int[]) as each
on conflict (workspace_id, mailing_id) do update set at = excluded.at
