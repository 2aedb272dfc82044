-- Was a message handed over that can still bounce? A mailing may run for weeks, so its week is older than its last message.
select exists (
    select from delivery d
    where d.workspace_id = %(workspace_id)s and d.contact_id = %(contact_id)s and d.channel = %(channel)s
      and d.outcome in ('accepted', 'uncertain') and d.at > %(after)s::timestamptz
      and d.week >= (%(after)s::timestamptz - interval '60 days')::date
      and (%(mailing_id)s = 0 or d.mailing_id = %(mailing_id)s))
