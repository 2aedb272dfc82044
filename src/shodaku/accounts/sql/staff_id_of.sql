-- Whose account has this address; addresses of staff are kept in small letters.
select id from staff where email = lower(%(email)s)
