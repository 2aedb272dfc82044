-- A page of sealings whose marks lack a layer.
select hold_id, lookups from sealed
where workspace_id = %(workspace_id)s and pepper_epoch < %(epoch)s and hold_id > %(after)s order by hold_id limit %(rows_max)s
