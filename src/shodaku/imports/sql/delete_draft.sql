-- Nothing was brought in yet, so nothing points here.
delete from import_batch where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s and state in ('draft', 'checking', 'checked')
