-- Is the new contact one that this person's wish to move made, and that nobody asked anything else for since?
select exists (
    select from contact c
    join signup_request r on r.workspace_id = c.workspace_id and r.contact_id = c.contact_id and r.at = c.created_at
    where c.workspace_id = %(workspace_id)s and c.contact_id = %(new_id)s and r.moves_from = %(old_id)s
) and not exists (
    select from signup_request where workspace_id = %(workspace_id)s and contact_id = %(new_id)s and moves_from is distinct from %(old_id)s
)
