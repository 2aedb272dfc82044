-- Are there so few that a page may count them? Reads one more at most.
select count(*) <= %(rows_max)s from (select from consent_event where workspace_id = %(workspace_id)s limit %(rows_max)s + 1) x
