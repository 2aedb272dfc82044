-- Seen through the policy own_membership: the workspace is not known yet at sign-in.
select m.workspace_id, w.slug, w.name, m.role from membership m join workspace w using (workspace_id)
where m.staff_id = %(staff_id)s order by m.created_at, m.workspace_id
