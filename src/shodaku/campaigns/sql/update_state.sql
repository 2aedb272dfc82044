-- Beside the state of its mailing, which the gate reads.
update campaign set state = %(state)s, ended_at = case when %(state)s = 'cancelled' then %(now)s end
where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s
