-- For the door of the desk: how many need an answer, how many are late, how many are due soon. Those whose time stands are in no other.
select count(*) as open,
       count(*) filter (where not standing and due_at <= %(now)s) as late,
       count(*) filter (where not standing and due_at > %(now)s and due_at <= %(soon)s) as due_soon,
       count(*) filter (where standing) as standing
from (select due_at, state = 'waiting_identity' and jurisdiction = any(%(stopping)s::text[]) as standing
      from data_request where workspace_id = %(workspace_id)s and ended_at is null) each
