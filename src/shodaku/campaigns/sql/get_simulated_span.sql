-- The next contacts by their number: the last of them, and how many they are.
select max(contact_id) as last, count(*)::int as people from (
    select c.contact_id from contact c where c.workspace_id = %(workspace_id)s and c.contact_id > %(after)s
    order by c.contact_id limit %(rows_max)s) span
