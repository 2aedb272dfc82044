-- Roles change one after the other: two owners who lower each other in the same instant would leave none.
select staff_id from membership where workspace_id = %(workspace_id)s order by staff_id for update
