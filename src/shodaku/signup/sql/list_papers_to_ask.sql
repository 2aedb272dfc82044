-- Consents on paper whose confirmation could not be asked for yet, since somebody asked at this address a short while ago.
select s.sheet_id, s.contact_id, s.entry_id, s.to_ask, s.form_id, s.version, s.language, f.wording_sha256
from paper_sheet s join form_sheet f on f.workspace_id = s.workspace_id and f.form_id = s.form_id and f.version = s.version and f.language = s.language
where s.workspace_id = %(workspace_id)s and s.to_ask is not null order by s.sheet_id limit %(rows_max)s
