-- People who are asked about again later: after a 4xx, when a permit must wait for a moment, or alone after a crash.
insert into chunk (workspace_id, mailing_id, contact_ids, attempt, not_before, route_id, route_fixed, domain_group, crashes)
values (%(workspace_id)s, %(mailing_id)s, %(contact_ids)s::bigint[], %(attempt)s,
        coalesce(%(not_before)s::timestamptz, clock_timestamp() + %(pause)s * interval '1 second'), %(route_id)s, %(fixed)s, %(domain_group)s, %(crashes)s)
returning no, not_before
