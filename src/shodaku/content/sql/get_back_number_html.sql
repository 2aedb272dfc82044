-- How it looks; null: it has a text alone.
select html from back_number
where workspace_id = %(workspace_id)s and topic_id = %(topic_id)s and back_number_id = %(back_number_id)s
