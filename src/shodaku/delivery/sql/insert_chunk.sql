-- People who are asked about again later: after a 4xx, or when a permit must wait for a moment.
insert into chunk (workspace_id, mailing_id, contact_ids, attempt, not_before, route_id, route_fixed, domain_group)
values (%(workspace_id)s, %(mailing_id)s, %(contact_ids)s::bigint[], %(attempt)s,
        coalesce(%(not_before)s::timestamptz, clock_timestamp() + %(pause)s * interval '1 second'), %(route_id)s, %(fixed)s, %(domain_group)s)
returning no, not_before
