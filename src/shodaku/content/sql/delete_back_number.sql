-- Nobody sees it any more from now on.
delete from back_number where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s returning back_number_id
