-- What was found again keeps the time at which it was first noted.
insert into clock_warning (workspace_id, kind, topic_id, people, oldest_at, noted_at, looked_at)
values (%(workspace_id)s, %(kind)s, %(topic_id)s, %(people)s, %(oldest_at)s, %(now)s, %(now)s)
on conflict (workspace_id, kind, topic_id) do update set
    people = excluded.people, oldest_at = excluded.oldest_at, looked_at = excluded.looked_at
