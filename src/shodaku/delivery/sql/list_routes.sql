-- The shop's relays in their order, with what the worker last heard from them.
select route_id, kind, name, host, port, tls, username, messages_per_second, connections, depth, place, share, enabled, carries, signs_for,
       last_error, last_error_at, set_aside_at
from route where workspace_id = %(workspace_id)s order by place, route_id
