-- Counted again; the figures of before are merged into them already.
insert into campaign_report (workspace_id, campaign_id, counts, at, ended, due_at)
values (%(workspace_id)s, %(campaign_id)s, %(counts)s, %(at)s, %(ended)s, %(due_at)s)
on conflict (workspace_id, campaign_id) do update set counts = excluded.counts, at = excluded.at, ended = excluded.ended, due_at = excluded.due_at
