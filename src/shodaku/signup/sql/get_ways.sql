-- Where a form may be framed, and where who sent it is led.
select sites, thanks_url from form where workspace_id = %(workspace_id)s and form_id = %(form_id)s
