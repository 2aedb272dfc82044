-- Asked only where there are several routes: a chunk keeps the one it had.
select route_id, route_fixed from chunk where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s and no = %(no)s
