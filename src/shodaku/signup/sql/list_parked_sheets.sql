-- Sheets that were put aside, oldest first.
select s.sheet_id, s.batch_id, s.number, s.state, s.checked, s.reason, s.contact_id, s.entry_id, false as asks_later, s.settled_at
from paper_sheet s where s.workspace_id = %(workspace_id)s and s.state = 'parked' order by s.sheet_id limit %(rows_max)s
