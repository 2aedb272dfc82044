-- After each span of contacts, and at the end; no row: another question or another beginning took its place.
update rule_simulation set state = %(state)s, after_contact = %(after_contact)s, looked_at = %(looked_at)s, people = %(people)s,
    contacts = greatest(contacts, %(looked_at)s), held_more = %(held_more)s, held_fewer = %(held_fewer)s, topics = %(topics)s, topics_left_out = %(topics_left_out)s
where workspace_id = %(workspace_id)s and number = %(number)s and run = %(run)s and state = 'running'
