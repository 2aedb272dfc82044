-- Who was held goes with another content; nothing of them was ever opened, for what is held never runs.
with moved as (
    update chunk set mailing_id = %(copy_id)s, not_before = '-infinity'
    where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s and state = 'planned'
    returning no, cardinality(contact_ids) as people)
select no, people from moved order by no
