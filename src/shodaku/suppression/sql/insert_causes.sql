-- After which mail each of these noes came, to the hour: a number in a report, and not the person.
insert into refusal_cause (workspace_id, mailing_id, scope, via, hour)
select %(workspace_id)s, each.mailing_id, each.scope, each.via, date_trunc('hour', each.at, 'UTC')
from unnest(%(mailing_ids)s::int[], %(scopes)s::text[], %(vias)s::text[], %(ats)s::timestamptz[]) as each (mailing_id, scope, via, at)
