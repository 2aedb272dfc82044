-- The last measure of a topic. Back below the stop, a release is over: the next rise stops again.
insert into complaint_level as l (workspace_id, topic_id, rate, measured_at)
values (%(workspace_id)s, %(topic_id)s, %(rate)s, %(now)s)
on conflict (workspace_id, topic_id) do update set rate = excluded.rate, measured_at = excluded.measured_at,
    released_at = case when excluded.rate > %(stop_above)s then l.released_at end,
    released_entry_id = case when excluded.rate > %(stop_above)s then l.released_entry_id end
