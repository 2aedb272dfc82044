-- An opt-out that came after the question answers it; what the person asked for another address of theirs, too.
update signup_request set state = 'withdrawn', answered_at = %(now)s, answers = '{}'
where workspace_id = %(workspace_id)s and state = 'requested'
  and (contact_id = any(%(contacts)s::bigint[]) or moves_from = any(%(contacts)s::bigint[]))
