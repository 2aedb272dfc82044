-- A page of claims whose token lacks a layer.
select channel, token from address_claim
where workspace_id = %(workspace_id)s and pepper_epoch < %(epoch)s and (channel, token) > (%(channel)s, %(token)s)
order by channel, token limit %(rows_max)s for update nowait
