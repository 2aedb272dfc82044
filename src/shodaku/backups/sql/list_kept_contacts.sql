-- People whose key may come back: they are there, and no erasure of them has come to their key.
select c.workspace_id, c.contact_id from contact c
where c.workspace_id = %(workspace_id)s and not exists (
    select from erasure e where e.workspace_id = c.workspace_id and e.contact_id = c.contact_id and e.state in ('key_destroyed', 'purged', 'certified'))
union -- and papers that nobody has read yet: their keys are of people to be
select s.workspace_id, s.key_id from paper_sheet s where s.workspace_id = %(workspace_id)s and s.body is not null
