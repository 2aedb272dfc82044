-- A stack of papers from one place.
insert into paper_batch (workspace_id, form_id, version, language, shop, checking, shelf, destroy_on, created_at, created_by)
values (%(workspace_id)s, %(form_id)s, %(version)s, %(language)s, %(shop)s, %(checking)s, %(shelf)s, %(destroy_on)s, %(now)s, %(staff_id)s)
returning batch_id
