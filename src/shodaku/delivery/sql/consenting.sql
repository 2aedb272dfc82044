-- Part of plan_chunks: a consent that holds, no refusal after it, and room left in the promised frequency.
exists (select from consent k where k.workspace_id = c.workspace_id and k.contact_id = c.contact_id
        and k.topic_id = %(topic_id)s and k.channel = %(channel)s and k.state = 'active'
        and (k.expires_at is null or k.expires_at > %(now)s)
        and not exists (select from refusal r where r.workspace_id = c.workspace_id and r.contact_id = c.contact_id
                        and (r.scope <> 'topic' or r.topic_id = %(topic_id)s) and (r.until is null or r.until > %(now)s)
                        and r.at >= k.since))
and (%(frequency_max)s::int is null or (
     select count(*) from delivery d where d.workspace_id = c.workspace_id and d.contact_id = c.contact_id
     and d.week >= (%(counted_after)s::timestamptz - interval '35 days')::date and d.at > %(counted_after)s::timestamptz
     and d.topic_id = %(topic_id)s and d.channel = %(channel)s and d.outcome in ('accepted', 'uncertain')) < %(frequency_max)s::int)
