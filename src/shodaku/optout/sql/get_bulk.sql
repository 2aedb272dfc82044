-- One act on many people, and how far it is.
select bulk_id, act, state, narrowed, chosen_by, chosen_at, people, unchanged, reasons, others, via, begun_by, begun_at,
    moving_since, done_before, changed, same, gone, done_at
from bulk_act where workspace_id = %(workspace_id)s and bulk_id = %(bulk_id)s
