-- One of a draft; number 1 is the campaign itself.
insert into trial_variant (workspace_id, campaign_id, no, subject, text, html)
values (%(workspace_id)s, %(campaign_id)s, %(no)s, %(subject)s, %(text)s, %(html)s)
