-- The shop's relays with what the worker last heard from them.
select route_id, name, host, port, tls, username, messages_per_second, connections, last_error, last_error_at
from route where workspace_id = %(workspace_id)s order by route_id
