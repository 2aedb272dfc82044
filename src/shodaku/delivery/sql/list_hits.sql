-- What one person followed or opened, oldest first, with where it led.
select h.mailing_id, h.link, h.actor, h.at, m.links[h.link + 1] as target
from hit h left join mailing m on m.workspace_id = h.workspace_id and m.mailing_id = h.mailing_id
where h.workspace_id = %(workspace_id)s and h.contact_id = %(contact_id)s order by h.hit_no limit %(rows_max)s
