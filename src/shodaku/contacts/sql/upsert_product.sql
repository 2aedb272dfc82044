-- A new product, or what it is called from now on; its code stays. Saved again, an archived one is offered again.
insert into product (workspace_id, code, name, url, kind, created_at)
values (%(workspace_id)s, %(code)s, %(name)s, %(url)s, %(kind)s, %(now)s)
on conflict (workspace_id, code) do update set name = excluded.name, url = excluded.url, kind = excluded.kind, archived_at = null
returning product_id
