-- These reasons are gone; open when none is left.
update fence set at = clock_timestamp(),
    reason = coalesce((select string_agg(each, ' ' order by each) from unnest(string_to_array(nullif(reason, ''), ' ')) as each
                       where not (each = any(%(reasons)s::text[]))), ''),
    state = case when exists (select from unnest(string_to_array(nullif(reason, ''), ' ')) as each
                              where not (each = any(%(reasons)s::text[]))) then 'closed' else 'open' end
where state = 'closed'
