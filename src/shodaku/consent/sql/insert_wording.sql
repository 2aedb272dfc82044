-- The version a text has already if it is the newest one, else the next number.
with newest as (
    select version, sha256 from wording
    where workspace_id = %(workspace_id)s and kind = %(kind)s and about = %(about)s order by version desc limit 1
), written as (
    insert into wording (workspace_id, kind, about, version, text, sha256, created_at, created_by)
    select %(workspace_id)s, %(kind)s, %(about)s, coalesce((select version from newest), 0) + 1, %(text)s, %(sha256)s, %(now)s, %(staff_id)s
    where not exists (select from newest where sha256 = %(sha256)s)
    returning version
)
select version from written union all select version from newest where sha256 = %(sha256)s
