-- What was published once stays: the application may not update this table.
insert into form_version (workspace_id, form_id, version, definition, sha256, published_at, published_by)
values (%(workspace_id)s, %(form_id)s, %(version)s, %(definition)s, %(sha256)s, %(now)s, %(staff_id)s)
