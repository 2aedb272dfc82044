-- New people, in one statement.
insert into contact (workspace_id, contact_id, family_name, given_name, kana, company, search_key, name_key, given_key, kana_key,
                     given_kana_key, company_key, in_order, locale, attributes, source, country, country_from, created_at)
select %(workspace_id)s, each.*, %(now)s
from unnest(%(ids)s::bigint[], %(family_names)s::text[], %(given_names)s::text[], %(kanas)s::text[], %(companies)s::text[],
            %(search_keys)s::text[], %(name_keys)s::text[], %(given_keys)s::text[], %(kana_keys)s::text[],
            %(given_kana_keys)s::text[], %(company_keys)s::text[], %(orders)s::text[], %(locales)s::text[], %(attributes)s::jsonb[],
            %(sources)s::text[], %(countries)s::text[], %(countries_from)s::smallint[]) as each
