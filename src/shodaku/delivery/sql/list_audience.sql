-- All whom a condition names and who have an address of the channel, sendable or not, ids ascending: the preflight asks about each, or about those of a range.
select c.contact_id from contact c
join address a on a.workspace_id = c.workspace_id and a.contact_id = c.contact_id and a.channel = %(channel)s
where c.workspace_id = %(workspace_id)s and c.contact_id > %(after)s and c.contact_id <= %(until)s and (/*where*/)
order by c.contact_id limit %(rows_max)s
