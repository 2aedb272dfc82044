-- Where somebody is signed in; a session is saved with each page, so its end tells when it was used last.
select u.id as sign_in_id, u.session_key, u.user_agent as program, u.ip::text as network, u.created_at,
       s.expire_date as ends_at
from usersessions_usersession u join django_session s using (session_key)
where u.user_id = %(staff_id)s and s.expire_date > %(now)s
order by s.expire_date desc, u.id desc limit %(rows_max)s
