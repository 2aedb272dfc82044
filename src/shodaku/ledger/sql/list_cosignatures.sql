-- What witnesses signed of one checkpoint, those that were removed since included: what they signed stays true.
select convert_from(a.receipt, 'UTF8') from ledger_anchor a
join ledger_anchor_target t on t.workspace_id = a.workspace_id and t.target_id = a.target_id
where a.workspace_id = %(workspace_id)s and a.size = %(size)s and t.kind = 'witness' order by a.target_id
