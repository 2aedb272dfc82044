-- A count begins from nothing.
delete from preflight_member where workspace_id = %(workspace_id)s and preflight_id = %(preflight_id)s
