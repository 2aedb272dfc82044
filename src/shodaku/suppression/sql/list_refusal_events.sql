-- Which acts of one person are refusals here: a line that is replayed twice is one act.
select event_id from refusal where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
