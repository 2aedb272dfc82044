-- Whether a template that is offered shows a picture; its document names it by its id.
select exists (
    select from mail_template
    where workspace_id = %(workspace_id)s and archived_at is null
      and strpos(document::text, %(image_id)s::text) > 0
)
