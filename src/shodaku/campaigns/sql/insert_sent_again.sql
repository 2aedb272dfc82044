-- Once for each campaign: a second one cannot be written.
insert into sent_again (workspace_id, campaign_id, again_id) values (%(workspace_id)s, %(campaign_id)s, %(again_id)s)
