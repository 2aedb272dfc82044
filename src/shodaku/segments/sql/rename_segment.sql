-- Nothing where another live segment is called so.
update segment set name = %(name)s where workspace_id = %(workspace_id)s and segment_id = %(segment_id)s
  and not exists (select from segment o where o.workspace_id = %(workspace_id)s and o.name = %(name)s and o.archived_at is null
                  and o.segment_id <> %(segment_id)s)
