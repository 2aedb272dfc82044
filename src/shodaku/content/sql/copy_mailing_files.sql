-- A mailing that goes once more carries what the first one carried.
insert into mailing_file (workspace_id, mailing_id, no, name, media_type, sha256)
select m.workspace_id, %(copy_id)s, m.no, m.name, m.media_type, m.sha256 from mailing_file m
where m.workspace_id = %(workspace_id)s and m.mailing_id = %(mailing_id)s
