-- The files of a mailing with their bodies, in the order of the mail; read once by a worker and compiled.
select m.name, m.media_type, f.body
from mailing_file m
join carried_file f on f.workspace_id = m.workspace_id and f.sha256 = m.sha256
where m.workspace_id = %(workspace_id)s and m.mailing_id = %(mailing_id)s
order by m.no
