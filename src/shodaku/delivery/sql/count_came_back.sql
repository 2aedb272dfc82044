-- While a mailing runs: of how many people it came back so far, and how many reported it; so many rows at most are read.
select (count(distinct contact_id) filter (where kind in ('hard', 'soft')))::int as returned,
       (count(distinct contact_id) filter (where kind = 'complaint'))::int as complaints
from (select f.contact_id, f.kind from feedback f
      where f.workspace_id = %(workspace_id)s and f.mailing_id = %(mailing_id)s and f.feedback_no > 0 -- which is true of all: see 0022_report
      limit %(rows_max)s) came
