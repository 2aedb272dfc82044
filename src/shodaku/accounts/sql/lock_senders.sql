-- One change of which senders are in use at a time: of two who retire the last two, the second one finds that one is left.
select sender_id from sender where workspace_id = %(workspace_id)s order by sender_id for update
