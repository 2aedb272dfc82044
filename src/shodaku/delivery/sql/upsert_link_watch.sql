-- One more look at the public address; another address begins anew.
insert into link_watch as w (workspace_id, url, answered_at, failures, failing_since)
values (%(workspace_id)s, %(url)s, case when %(answered)s then %(now)s::timestamptz end, case when %(answered)s then 0 else 1 end,
        case when not %(answered)s then %(now)s::timestamptz end)
on conflict (workspace_id) do update set url = excluded.url,
    answered_at = case when %(answered)s or w.url <> excluded.url then excluded.answered_at else w.answered_at end,
    failures = case when %(answered)s then 0 when w.url <> excluded.url then 1 else w.failures + 1 end,
    failing_since = case when not %(answered)s then case when w.url = excluded.url then coalesce(w.failing_since, %(now)s) else %(now)s end end
returning url, answered_at, failures, failing_since
