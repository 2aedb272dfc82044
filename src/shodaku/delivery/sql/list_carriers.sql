-- The shop's relays in their order, those that are off too: who switched all of them off did not ask for another one.
select r.route_id, r.kind, r.host, r.port, r.tls, r.username, r.messages_per_second, r.connections, r.depth, r.share, r.carries, r.signs_for,
       exists (select from pace p where p.workspace_id = r.workspace_id and p.route_id in (0, r.route_id)),
       exists (select from warm_up w where w.workspace_id = r.workspace_id and w.route_id = r.route_id), r.enabled
from route r where r.workspace_id = %(workspace_id)s order by r.place, r.route_id
