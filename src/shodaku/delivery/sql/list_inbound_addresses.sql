-- Where a workspace has its mail read.
select address from inbound_address where workspace_id = %(workspace_id)s order by address limit %(rows_max)s
