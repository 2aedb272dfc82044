-- Mails that no other route may repeat, for somebody may have them already: what waits for a route by itself is told with it.
-- A test is held to its route from the beginning, and nobody has it.
select c.route_id, sum(cardinality(c.contact_ids))::int as people
from chunk c join mailing m on m.workspace_id = c.workspace_id and m.mailing_id = c.mailing_id and m.kind <> 'test'
where c.workspace_id = %(workspace_id)s and c.state = 'planned' and c.route_fixed and c.route_id is not null
group by c.route_id order by c.route_id
