-- A draft is thrown away by which another campaign would have gone once more: that one may again.
delete from sent_again where workspace_id = %(workspace_id)s and again_id = %(campaign_id)s
