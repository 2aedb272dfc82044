-- The contacts whose address a person gave up for this one, and those before them.
with recursive earlier (contact_id) as (
    select moves_from from signup_request
    where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and state = 'confirmed' and moves_from is not null
    union
    select r.moves_from from signup_request r join earlier e on r.contact_id = e.contact_id
    where r.workspace_id = %(workspace_id)s and r.state = 'confirmed' and r.moves_from is not null
)
select contact_id from earlier where contact_id <> %(contact_id)s order by contact_id
