-- Two who switch off one of two routes each must not leave none.
select route_id from route where workspace_id = %(workspace_id)s order by route_id for update
