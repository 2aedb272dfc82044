-- Nobody of these topics is late any more.
delete from clock_warning where workspace_id = %(workspace_id)s and kind = %(kind)s and topic_id <> all(%(topic_ids)s::int[])
