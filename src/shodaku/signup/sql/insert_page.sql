-- One page a version and language; a step that is repeated keeps the first.
insert into form_page (workspace_id, form_id, version, language, html, html_sha256, rendered_at)
values (%(workspace_id)s, %(form_id)s, %(version)s, %(language)s, %(html)s, %(html_sha256)s, %(now)s)
on conflict do nothing
