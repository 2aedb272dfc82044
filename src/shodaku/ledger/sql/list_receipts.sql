-- What places outside gave, with the checkpoint each is about, a page after another in the order of the primary key.
select a.target_id, t.kind, t.vkey, a.size, a.receipt, a.at, c.note
from ledger_anchor a
join ledger_anchor_target t on t.workspace_id = a.workspace_id and t.target_id = a.target_id
join ledger_checkpoint c on c.workspace_id = a.workspace_id and c.size = a.size
where a.workspace_id = %(workspace_id)s and (a.target_id, a.size) > (%(after_target)s, %(after_size)s)
order by a.target_id, a.size limit %(rows_max)s
