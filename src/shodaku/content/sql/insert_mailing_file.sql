-- What a mailing carries, at its launch.
insert into mailing_file (workspace_id, mailing_id, no, name, media_type, sha256)
values (%(workspace_id)s, %(mailing_id)s, %(no)s, %(name)s, %(media_type)s, %(sha256)s)
