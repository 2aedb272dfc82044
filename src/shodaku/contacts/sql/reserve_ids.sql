-- Numbers for people who are not rows yet.
select nextval('contact_id_seq') from generate_series(1, %(count)s)
