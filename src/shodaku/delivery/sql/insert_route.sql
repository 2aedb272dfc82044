-- A relay, behind the others unless somebody names its place; the password is a file.
insert into route (workspace_id, kind, name, host, port, tls, username, messages_per_second, connections, depth, place, share, enabled, carries,
                   signs_for, created_at)
select %(workspace_id)s, %(kind)s, %(name)s, %(host)s, %(port)s, %(tls)s, %(username)s, %(messages_per_second)s, %(connections)s, %(depth)s,
       coalesce(%(place)s::int, (select coalesce(max(r.place), 0) + 1 from route r where r.workspace_id = %(workspace_id)s)),
       %(share)s, %(enabled)s, %(carries)s, %(signs_for)s::text[], %(now)s
returning route_id
