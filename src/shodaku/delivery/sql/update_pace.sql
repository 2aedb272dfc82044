-- Buckets after a draw, a return or an answer; they are held since they were read.
update pace p set rate = x.rate, tokens = x.tokens, refilled_at = x.refilled_at, promised_until = x.promised_until, changed_at = x.changed_at
from unnest(%(route_ids)s::int[], %(domain_groups)s::text[], %(rates)s::double precision[], %(tokens)s::double precision[],
            %(refilled)s::timestamptz[], %(promised)s::timestamptz[], %(changed)s::timestamptz[])
     x (route_id, domain_group, rate, tokens, refilled_at, promised_until, changed_at)
where p.workspace_id = %(workspace_id)s and p.route_id = x.route_id and p.domain_group = x.domain_group
