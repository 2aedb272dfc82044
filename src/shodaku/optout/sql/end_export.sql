-- The list was taken along, once or again: who was erased since the preview is not in the file.
update bulk_act set state = 'done', via = coalesce(via, %(via)s), begun_by = coalesce(begun_by, %(staff_id)s),
    begun_at = coalesce(begun_at, %(now)s), moving_since = coalesce(moving_since, %(now)s), done_at = coalesce(done_at, %(now)s),
    changed = %(there)s, gone = people - %(there)s
where workspace_id = %(workspace_id)s and bulk_id = %(bulk_id)s and act = 'export' and state in ('chosen', 'done') and people > 0
