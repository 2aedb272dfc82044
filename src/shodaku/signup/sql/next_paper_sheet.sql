-- The next sheet for these hands: what is to be keyed in, then to be checked and not keyed by them, then to be decided. Oldest first.
select s.sheet_id from paper_sheet s
left join paper_reading r on r.workspace_id = s.workspace_id and r.sheet_id = s.sheet_id and r.look = 1
where s.workspace_id = %(workspace_id)s and s.state in ('waiting', 'second', 'third')
  and (%(batch_id)s::bigint is null or s.batch_id = %(batch_id)s)
  and not (s.state = 'second' and r.staff_id = %(staff_id)s)
  and s.sheet_id <> all(%(but)s::bigint[])
order by (s.sheet_id <= %(after)s), array_position(array['waiting', 'second', 'third'], s.state), s.sheet_id limit 1
