-- The copy was ended: nothing is left there that somebody could ask to forget.
with gone as (delete from forget_out where workspace_id = %(workspace_id)s)
delete from copied_out where workspace_id = %(workspace_id)s
