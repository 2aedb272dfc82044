-- Done when no chunk is left; a statement after the lock, so that it sees what the holder before us committed.
update mailing set state = 'done', ended_at = clock_timestamp()
where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s and state in ('running', 'paused')
  and not exists (select from chunk c where c.workspace_id = %(workspace_id)s and c.mailing_id = %(mailing_id)s and c.state <> 'done')
