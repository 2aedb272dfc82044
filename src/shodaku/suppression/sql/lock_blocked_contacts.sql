-- Whoever is just being sent to is waited for: nothing begins to leave after a block.
select c.contact_id from contact c
where c.workspace_id = %(workspace_id)s and exists (
    select from address a where a.workspace_id = c.workspace_id and a.contact_id = c.contact_id and a.channel = 'email'
    and shodaku_blocks(%(kind)s, %(value)s, a.key))
order by c.contact_id for update
