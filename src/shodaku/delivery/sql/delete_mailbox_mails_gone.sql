-- Mails that no longer lie in the mailbox need no remembering: what is kept never outgrows the mailbox. Joined: 20,000 names each way.
delete from mailbox_mail m
where m.workspace_id = %(workspace_id)s and m.name = %(name)s
  and not exists (select from unnest(%(listed)s::text[]) as listed (mail) where listed.mail = m.mail)
