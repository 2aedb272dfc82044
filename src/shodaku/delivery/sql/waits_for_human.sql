-- Has this person written anything that nobody has read yet?
select exists (
    select from inbound_message
    where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and answered_at is null
)
