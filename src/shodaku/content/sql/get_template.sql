-- One that is offered, with its document.
select name, subject, document
from mail_template
where workspace_id = %(workspace_id)s and template_id = %(template_id)s and archived_at is null
