-- Every contact that changes of address join to this one: those before it, those after it, and theirs.
with recursive person (contact_id) as (
    select %(contact_id)s::bigint
    union
    select case r.contact_id when p.contact_id then r.moves_from else r.contact_id end
    from person p join signup_request r on r.workspace_id = %(workspace_id)s and (r.contact_id = p.contact_id or r.moves_from = p.contact_id)
    where r.state = 'confirmed' and r.moves_from is not null
)
select contact_id from person where contact_id <> %(contact_id)s order by contact_id
