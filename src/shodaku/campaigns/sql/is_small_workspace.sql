-- Are there no more contacts than so many?
select count(*) <= %(contacts_max)s from (
    select from contact c where c.workspace_id = %(workspace_id)s limit %(contacts_max)s + 1) few
