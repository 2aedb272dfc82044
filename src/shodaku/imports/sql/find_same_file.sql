-- The newest batch that the very same file was brought in with before.
select batch_id, file_name, created_at from import_batch
where workspace_id = %(workspace_id)s and file_sha256 = %(digest)s and batch_id < %(batch_id)s and state in ('running', 'paused', 'done', 'failed')
order by batch_id desc limit 1
