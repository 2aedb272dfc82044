-- Asked only where there are several routes or a limit: a chunk keeps the route it had, and its place in the queue.
select route_id, route_fixed, cardinality(contact_ids), domain_group, not_before > '-infinity', not_before <= clock_timestamp()
from chunk where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s and no = %(no)s and state = 'planned'
