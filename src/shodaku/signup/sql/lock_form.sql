-- Who sends by this form; held, so that wordings and version of one publication belong together.
select sender_id from form where workspace_id = %(workspace_id)s and form_id = %(form_id)s for update
