-- Why people left since this month, newest month first.
select month, topic_id, reason, count from opt_out_reason
where workspace_id = %(workspace_id)s and month >= %(since)s order by month desc, count desc, topic_id, reason
