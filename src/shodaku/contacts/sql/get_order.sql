-- Where a contact stands in the telephone book.
select in_order from contact where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
