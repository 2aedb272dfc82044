-- How fast the fastest route for this may be: a chunk holds no more than leaves in a second; a slower route takes a part of it.
select case when bool_or(messages_per_second is null) then null else max(messages_per_second) end
from route where workspace_id = %(workspace_id)s and enabled and carries in ('all', %(carries)s)
