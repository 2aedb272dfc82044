-- A route keeps its number, and so its password file; what was heard of it before says nothing of it now.
update route set kind = %(kind)s, name = %(name)s, host = %(host)s, port = %(port)s, tls = %(tls)s, username = %(username)s,
    messages_per_second = %(messages_per_second)s, connections = %(connections)s, depth = %(depth)s,
    place = coalesce(%(place)s::int, place), share = %(share)s, enabled = %(enabled)s, carries = %(carries)s,
    signs_for = %(signs_for)s::text[],
    last_error = null, last_error_at = null, set_aside_at = null
where workspace_id = %(workspace_id)s and route_id = %(route_id)s
