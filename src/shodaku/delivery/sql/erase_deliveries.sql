-- The application may not delete deliveries; it may ask for those of one person.
select erase_deliveries(%(workspace_id)s, %(contact_id)s)
