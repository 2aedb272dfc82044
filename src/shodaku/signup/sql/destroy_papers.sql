-- The originals of a batch are no more. Only of one of which every sheet is settled.
update paper_batch b set destroyed_at = %(now)s, destroyed_by = %(staff_id)s
where b.workspace_id = %(workspace_id)s and b.batch_id = %(batch_id)s and b.destroyed_at is null
  and not exists (select from paper_sheet s where s.workspace_id = b.workspace_id and s.batch_id = b.batch_id
                  and s.state in ('waiting', 'second', 'third', 'parked'))
