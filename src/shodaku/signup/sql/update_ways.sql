-- The staff's latest word.
update form set sites = %(sites)s, thanks_url = %(thanks_url)s
where workspace_id = %(workspace_id)s and form_id = %(form_id)s
