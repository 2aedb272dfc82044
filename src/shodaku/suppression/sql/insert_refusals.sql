-- Every no as it was received, of one person or of many.
insert into refusal (workspace_id, contact_id, scope, topic_id, until, at, via, event_id, entry_id, mailing_id)
select %(workspace_id)s, each.* from unnest(
    %(contact_ids)s::bigint[], %(scopes)s::text[], %(topic_ids)s::int[], %(untils)s::timestamptz[],
    %(ats)s::timestamptz[], %(vias)s::text[], %(event_ids)s::uuid[], %(entry_ids)s::bigint[], %(mailing_ids)s::int[]
) as each (contact_id, scope, topic_id, until, at, via, event_id, entry_id, mailing_id)
