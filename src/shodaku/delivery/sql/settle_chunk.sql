-- The chunk after a transaction: `rest` goes back, or stays open while replies are missing. The fence: nobody recovered it meanwhile.
update chunk set state = %(state)s, contact_ids = %(rest)s::bigint[],
    not_before = clock_timestamp() + %(pause)s * interval '1 second', route_fixed = route_fixed or %(fixed)s,
    accepted = accepted + %(accepted)s, refused = refused + %(refused)s, failed = failed + %(failed)s, uncertain = uncertain + %(uncertain)s,
    hard = hard + %(hard)s, crashes = crashes + %(crashed)s
where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s and no = %(no)s and fence = %(fence)s and state = 'open'
returning not_before
