-- A use of a coupon; of a receipt that was told before nothing is written.
insert into coupon_use (workspace_id, code, used_on, times, same, noted_by, noted_at)
values (%(workspace_id)s, %(code)s, %(used_on)s, %(times)s, %(same)s, %(staff_id)s, %(now)s)
on conflict (workspace_id, code, same) where same is not null do nothing
