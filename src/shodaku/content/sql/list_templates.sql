-- Those that are offered, newest first; documents are not read.
select template_id, name, subject, saved_at
from mail_template
where workspace_id = %(workspace_id)s and archived_at is null
order by template_id desc limit %(most)s
