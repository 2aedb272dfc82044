-- Who asked through which version of a form: each counted as far as a page tells it, so that a million cost as a thousand.
select v.version, (select count(*)::int from (select from signup_request r
        where r.workspace_id = v.workspace_id and r.form_id = v.form_id and r.form_version = v.version limit %(seen_max)s) requests) as seen
from form_version v where v.workspace_id = %(workspace_id)s and v.form_id = %(form_id)s
order by v.version desc limit %(versions_max)s
