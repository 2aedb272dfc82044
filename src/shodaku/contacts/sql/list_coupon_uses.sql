-- A page of what was noted of coupons, newest first.
select use_no, code, used_on, times, noted_by, noted_at from coupon_use
where workspace_id = %(workspace_id)s and (%(before)s::bigint is null or use_no < %(before)s)
order by use_no desc limit %(rows_max)s
