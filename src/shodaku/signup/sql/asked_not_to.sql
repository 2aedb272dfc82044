-- Is a question still open, or was one answered "that was not me" a short while ago? Then no further mail asks.
select exists (
    select from signup_request where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
       and ((state = 'requested' and expires_at >= %(now)s) or (state = 'declined' and answered_at > %(declined_after)s))
)
