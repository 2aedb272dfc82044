-- The newest checkpoint over at least so many entries that a witness signed.
select c.size, c.root, c.note, c.at from ledger_anchor a
join ledger_anchor_target t on t.workspace_id = a.workspace_id and t.target_id = a.target_id
join ledger_checkpoint c on c.workspace_id = a.workspace_id and c.size = a.size
where a.workspace_id = %(workspace_id)s and a.size >= %(size)s and t.kind = 'witness' order by a.size desc limit 1
