-- Of a draft; the caller holds the campaign's row.
insert into trial (workspace_id, campaign_id, share_percent, judged_by, hours)
values (%(workspace_id)s, %(campaign_id)s, %(share_percent)s, %(judged_by)s, %(hours)s)
on conflict (workspace_id, campaign_id) do update
set share_percent = excluded.share_percent, judged_by = excluded.judged_by, hours = excluded.hours
