-- People who followed any link of the message.
select count(distinct h.contact_id)::int from hit h
where h.workspace_id = %(workspace_id)s and h.mailing_id = %(mailing_id)s and h.link >= 0 and h.actor = 'human'
