-- Asked on a page, and the link in the mail was never used: nobody waits for an answer any more.
update data_request set state = 'withdrawn', ended_at = %(now)s
where workspace_id = %(workspace_id)s and kind = 'access' and via = 'page' and state = 'waiting_identity' and received_at < %(before)s
