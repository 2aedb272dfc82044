-- How many work here, and are asked to.
select (select count(*) from membership where workspace_id = %(workspace_id)s)
     + (select count(*) from invitation where workspace_id = %(workspace_id)s and email <> %(email)s)
