-- After a draw or a return; the row is held since it was read.
update warm_up set step = %(step)s, on_day = %(on_day)s, sent = %(sent)s, deferred = %(deferred)s
where workspace_id = %(workspace_id)s and route_id = %(route_id)s and domain_group = %(domain_group)s
