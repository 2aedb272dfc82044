-- From the preview to the act: pressed twice, it begins once. A list that is taken along changes nobody: see end_export.
update bulk_act set state = 'running', via = %(via)s, begun_by = %(staff_id)s, begun_at = %(now)s, moving_since = %(now)s
where workspace_id = %(workspace_id)s and bulk_id = %(bulk_id)s and state = 'chosen' and people > 0 and act <> 'export'
