-- What a source ended that is believed no more, and nobody has restored meanwhile.
with gone as (
    delete from bounce_ended e where e.workspace_id = %(workspace_id)s and e.source = %(source)s::inet
    returning contact_id, channel, at)
select contact_id, channel from gone where at > %(after)s order by contact_id
