-- New people of a list, who are alike in what a list says of all: said once, not once a row (1 us). An empty array is a column that nobody has.
insert into contact (workspace_id, contact_id, family_name, given_name, kana, company, search_key, name_key, given_key, kana_key,
                     given_kana_key, company_key, in_order, attributes, source, country, country_from, created_at)
select %(workspace_id)s, each.contact_id, nullif(each.family_name, ''), nullif(each.given_name, ''), nullif(each.kana, ''), nullif(each.company, ''),
       each.search_key, nullif(each.name_key, ''), nullif(each.given_key, ''), nullif(each.kana_key, ''), nullif(each.given_kana_key, ''),
       nullif(each.company_key, ''), each.in_order, each.attributes, %(source)s, coalesce(%(country)s, each.country), coalesce(%(country_from)s, each.country_from), %(now)s
from unnest(%(ids)s::bigint[], %(family_names)s::text[], %(given_names)s::text[], %(kanas)s::text[], %(companies)s::text[],
            %(search_keys)s::text[], %(name_keys)s::text[], %(given_keys)s::text[], %(kana_keys)s::text[],
            %(given_kana_keys)s::text[], %(company_keys)s::text[], %(orders)s::text[], %(attributes)s::jsonb[], %(countries)s::text[], %(countries_from)s::smallint[])
     as each (contact_id, family_name, given_name, kana, company, search_key, name_key, given_key, kana_key, given_kana_key, company_key,
              in_order, attributes, country, country_from)
