-- Whose time behind the link is over.
select erasure_id from certificate where workspace_id = %(workspace_id)s and destroy_after <= %(now)s order by erasure_id
