-- Of what is offered.
select count(*) from product where workspace_id = %(workspace_id)s and archived_at is null
