-- Thrown away before it began; its people go with it.
delete from bulk_act where workspace_id = %(workspace_id)s and bulk_id = %(bulk_id)s and begun_at is null
