-- What waits for hands: how many sheets in each open state, and how many of them somebody keyed in first.
select s.state, count(*) as sheets, count(*) filter (where r.staff_id = %(staff_id)s) as own, min(s.added_at) as since
from paper_sheet s left join paper_reading r on r.workspace_id = s.workspace_id and r.sheet_id = s.sheet_id and r.look = 1
where s.workspace_id = %(workspace_id)s and s.state in ('waiting', 'second', 'third', 'parked')
group by s.state
