-- Choosing begins again from nothing, or too many were found.
delete from bulk_person where workspace_id = %(workspace_id)s and bulk_id = %(bulk_id)s
