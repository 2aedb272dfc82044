-- Nobody can confirm these any more, so what was told with them is for nothing.
update signup_request set answers = '{}'
where workspace_id = %(workspace_id)s and answers <> '{}' and expires_at < %(now)s
