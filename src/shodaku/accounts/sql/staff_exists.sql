-- The first-login link works only while nobody has an account.
select exists (select from staff)
