-- One that was noted by mistake.
delete from coupon_use where workspace_id = %(workspace_id)s and use_no = %(use_no)s returning code, times
