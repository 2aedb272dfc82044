-- One sheet without its scan.
select s.sheet_id, s.batch_id, s.number, s.state, s.checked, s.key_id, s.media_type, s.reason, s.note, s.contact_id, s.entry_id, s.added_at, s.settled_at,
       b.form_id, b.version, b.language, b.shop, b.shelf, b.destroy_on, b.added
from paper_sheet s join paper_batch b using (workspace_id, batch_id)
where s.workspace_id = %(workspace_id)s and s.sheet_id = %(sheet_id)s
