-- The first and the last contact of a workspace: a look at an audience is spread between them.
select (select c.contact_id from contact c where c.workspace_id = %(workspace_id)s order by c.contact_id limit 1),
       (select c.contact_id from contact c where c.workspace_id = %(workspace_id)s order by c.contact_id desc limit 1)
