-- Whether search engines may list the back numbers of a topic; no row: they may not.
select found_by_search from archive_choice where workspace_id = %(workspace_id)s and topic_id = %(topic_id)s
