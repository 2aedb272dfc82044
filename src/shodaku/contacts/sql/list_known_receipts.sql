-- Which of these receipts were told before, for a look at a list before it is recorded.
select u.code, u.same from coupon_use u
join unnest(%(codes)s::text[], %(sames)s::text[]) each (code, same) on each.code = u.code and each.same = u.same
where u.workspace_id = %(workspace_id)s and u.same is not null
