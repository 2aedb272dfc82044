-- Running mailings without an open or planned chunk: their last chunk ended where nobody noticed.
select m.mailing_id from mailing m
where m.workspace_id = %(workspace_id)s and m.state in ('running', 'paused')
  and not exists (select from chunk c where c.workspace_id = m.workspace_id and c.mailing_id = m.mailing_id and c.state <> 'done')
