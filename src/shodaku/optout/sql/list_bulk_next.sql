-- Whose turn it is; nobody's, once it is paused.
select p.place, p.contact_id from bulk_act b join bulk_person p on p.workspace_id = b.workspace_id and p.bulk_id = b.bulk_id
where b.workspace_id = %(workspace_id)s and b.bulk_id = %(bulk_id)s and b.state = 'running' and p.outcome is null
order by p.place limit %(people_max)s
