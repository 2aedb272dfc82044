-- Not offered any more, or again; whoever locked it.
update topic set archived_at = %(archived_at)s where workspace_id = %(workspace_id)s and topic_id = %(topic_id)s
