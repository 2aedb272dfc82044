-- How many messages wait for a human, for the number beside the desk: beyond the limit it does not matter.
select count(*) from (
    select from inbound_message where workspace_id = %(workspace_id)s and answered_at is null limit %(rows_max)s
) open
