-- By itself: a fact of the gate like a pause by hand, with its reason and figures. What goes once more to some of its people rests with it.
update mailing set state = 'paused',
    stopped_for = case when repeats is null then %(stopped_for)s end, stopped_sent = case when repeats is null then %(sent)s::int end,
    stopped_bad = case when repeats is null then %(bad)s::int end
where workspace_id = %(workspace_id)s and (mailing_id = %(mailing_id)s or repeats = %(mailing_id)s) and state = 'running'
