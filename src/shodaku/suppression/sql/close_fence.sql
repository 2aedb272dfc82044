-- In one statement, for the send plane: shut, for this reason too. Every gate reads it.
update fence set state = 'closed', at = clock_timestamp(),
    epoch = epoch + case when state = 'open' then 1 else 0 end,
    reason = (select string_agg(distinct each, ' ' order by each) from unnest(string_to_array(nullif(reason, ''), ' ') || %(reason)s::text) as each)
where state = 'open' or not (%(reason)s = any(string_to_array(reason, ' ')))
