-- By itself: a fact of the gate like a pause by hand, with its reason and figures, and a row that the clock takes into the ledger. What goes once
-- more to some of its people rests with it.
with stopped as (
    update mailing set state = 'paused',
        stopped_for = case when repeats is null then %(stopped_for)s end, stopped_sent = case when repeats is null then %(sent)s::int end,
        stopped_bad = case when repeats is null then %(bad)s::int end
    where workspace_id = %(workspace_id)s and (mailing_id = %(mailing_id)s or repeats = %(mailing_id)s) and state = 'running'
    returning mailing_id, repeats)
insert into mailing_stop (workspace_id, mailing_id, reason, sent, bad, at)
select %(workspace_id)s, s.mailing_id, %(stopped_for)s, %(sent)s, %(bad)s, clock_timestamp() from stopped s where s.repeats is null
