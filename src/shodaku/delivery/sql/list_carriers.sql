-- The shop's relays in their order, those that are off too: who switched all of them off did not ask for another one.
select route_id, host, port, tls, username, messages_per_second, connections, share, carries, enabled
from route where workspace_id = %(workspace_id)s order by place, route_id
