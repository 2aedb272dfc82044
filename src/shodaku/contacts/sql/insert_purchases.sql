-- Purchases of people who are still there and whose rows the caller holds; one that is known already gives no row.
insert into purchase (workspace_id, contact_id, product_id, title, amount_yen, currency, paid, reference, at)
select %(workspace_id)s, u.contact_id, u.product_id, u.title, u.amount_yen, u.currency, u.paid, u.reference, u.at
from unnest(%(contacts)s::bigint[], %(products)s::int[], %(titles)s::text[], %(yen)s::int[], %(currencies)s::text[],
            %(paid)s::numeric[], %(references)s::text[], %(times)s::timestamptz[])
     as u (contact_id, product_id, title, amount_yen, currency, paid, reference, at)
on conflict (workspace_id, contact_id, reference) where reference is not null do nothing
returning contact_id, reference
