-- As get_last_of_newest, in the order of a telephone book.
select contact_id, in_order as key from contact
where workspace_id = %(workspace_id)s and in_order > '' and (in_order, contact_id) > (%(after_key)s, %(after)s)
order by in_order, contact_id offset %(looked_at_max)s - 1 limit 1
