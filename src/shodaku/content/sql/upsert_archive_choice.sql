-- Whether search engines may list the back numbers of a topic.
insert into archive_choice (workspace_id, topic_id, found_by_search, chosen_at)
values (%(workspace_id)s, %(topic_id)s, %(found_by_search)s, %(now)s)
on conflict (workspace_id, topic_id) do update
set found_by_search = excluded.found_by_search, chosen_at = excluded.chosen_at
where archive_choice.found_by_search <> excluded.found_by_search
