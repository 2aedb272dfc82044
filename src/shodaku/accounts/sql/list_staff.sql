-- Who works here.
select s.id as staff_id, s.email, s.name, m.role from membership m join staff s on s.id = m.staff_id
where m.workspace_id = %(workspace_id)s order by s.name, s.id
