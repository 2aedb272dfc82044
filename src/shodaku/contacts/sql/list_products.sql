-- The catalogue, by code; archived ones last.
select product_id, code, name, url, kind, archived_at from product
where workspace_id = %(workspace_id)s order by archived_at is not null, code limit %(rows_max)s
