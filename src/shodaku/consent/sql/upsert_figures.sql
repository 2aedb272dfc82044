-- Counted again.
insert into consent_figure (workspace_id, topics, days, at) values (%(workspace_id)s, %(topics)s, %(days)s, %(at)s)
on conflict (workspace_id) do update set topics = excluded.topics, days = excluded.days, at = excluded.at
