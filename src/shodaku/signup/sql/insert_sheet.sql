-- The words of a sheet, frozen when it is first made; made again, they stay.
insert into form_sheet (workspace_id, form_id, version, language, wording, wording_sha256, made_at, made_by)
values (%(workspace_id)s, %(form_id)s, %(version)s, %(language)s, %(wording)s, %(sha256)s, %(now)s, %(staff_id)s)
on conflict do nothing
