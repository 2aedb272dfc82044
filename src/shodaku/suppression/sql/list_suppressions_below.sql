-- A page of tokens that lack a layer, after the last one seen.
select token from suppression
where workspace_id = %(workspace_id)s and pepper_epoch < %(epoch)s and token > %(after)s
group by token order by token limit %(rows_max)s
