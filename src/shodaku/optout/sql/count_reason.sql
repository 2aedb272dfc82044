-- One more who left for this reason.
insert into opt_out_reason (workspace_id, month, topic_id, reason, count) values (%(workspace_id)s, %(month)s, %(topic_id)s, %(reason)s, 1)
on conflict (workspace_id, month, topic_id, reason) do update set count = opt_out_reason.count + 1
