-- The newest acts on many people that are prepared, under way or done.
select bulk_id, act, state, narrowed, chosen_by, chosen_at, people, unchanged, reasons, others, via, begun_by, begun_at,
    moving_since, done_before, changed, same, gone, done_at
from bulk_act where workspace_id = %(workspace_id)s order by bulk_id desc limit %(rows_max)s
