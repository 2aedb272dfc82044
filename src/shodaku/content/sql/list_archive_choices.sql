-- Topics whose back numbers search engines may list.
select topic_id from archive_choice where workspace_id = %(workspace_id)s and found_by_search
