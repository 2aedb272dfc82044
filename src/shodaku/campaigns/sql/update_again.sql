-- A copy that goes to those who did not open the first one, under another subject.
update campaign set subject = %(subject)s, name = %(subject)s, conditions = %(conditions)s, text = %(text)s, html = %(html)s,
       revision = case when %(in_blocks)s then revision end
where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s and state = 'draft'
