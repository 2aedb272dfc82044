-- How many people list_audience will name, up to a number that is enough to know (null: all).
select count(*) from (
    select from contact c
    join address a on a.workspace_id = c.workspace_id and a.contact_id = c.contact_id and a.channel = %(channel)s
    where c.workspace_id = %(workspace_id)s and (/*where*/)
    limit %(people_max)s) named
