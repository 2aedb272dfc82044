-- Sheets of a batch in the order of the stack.
select s.sheet_id, s.number, s.state, s.checked, s.reason, s.contact_id, s.entry_id, s.to_ask is not null as asks_later, s.settled_at
from paper_sheet s where s.workspace_id = %(workspace_id)s and s.batch_id = %(batch_id)s order by s.number limit %(rows_max)s
