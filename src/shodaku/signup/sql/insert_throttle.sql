-- It is asked now.
insert into signup_throttle (token, at) values (%(token)s, %(now)s) on conflict do nothing
