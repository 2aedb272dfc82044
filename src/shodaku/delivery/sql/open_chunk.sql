-- planned -> open, with a new fence; committed before anything leaves. Not while the house is shut, the mailing rests, or it is too early.
update chunk set state = 'open', fence = fence + 1, host = %(host)s, route_id = %(route_id)s, opened_at = clock_timestamp()
where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s and no = %(no)s
  and state = 'planned' and not_before <= clock_timestamp()
  and (select m.state from mailing m where m.workspace_id = %(workspace_id)s and m.mailing_id = %(mailing_id)s) = 'running'
  and (select f.state from fence f) = 'open'
returning fence, attempt, contact_ids, domain_group, crashes
